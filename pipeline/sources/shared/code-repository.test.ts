import { describe, expect, it } from 'vitest';
import { isRepositoryName, repositoryAt, withoutCredentials } from './code-repository.ts';

describe('repositoryAt', () => {
  it.each([
    ['https://github.com/Contoso-Example/Shop', 'github-repo:contoso-example/shop'],
    ['https://github.com/contoso-example/shop.git', 'github-repo:contoso-example/shop'],
    ['git@github.com:contoso-example/shop.git', 'github-repo:contoso-example/shop'],
    ['ssh://git@github.com/contoso-example/shop.git', 'github-repo:contoso-example/shop'],
    ['https://x-access-token:ghs_invented@github.com/contoso-example/shop', 'github-repo:contoso-example/shop'],
    ['github.com/contoso-example/shop/', 'github-repo:contoso-example/shop'],
    ['https://github.com/contoso-example', 'scan-target:github.com/contoso-example'],
    ['https://dev.azure.com/contoso/_git/shop', 'scan-target:dev.azure.com/contoso/_git/shop'],
    ['https://user:pass@git.contoso.example/shop.git', 'scan-target:git.contoso.example/shop'],
    ['https://github.com.fabrikam.example/a/b', 'scan-target:github.com.fabrikam.example/a/b'],
  ])('knows %s', (address, key) => {
    expect(repositoryAt(address).key).toBe(key);
  });

  it('takes no time over a hostile address', () => {
    const started = performance.now();
    for (const part of ['a@', ':a', '/', '.git', 'a:']) repositoryAt(`https://${part.repeat(200_000)}`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('withoutCredentials', () => {
  it.each([
    ['https://token@github.com/a/b', 'https://github.com/a/b'],
    ['https://user:p@ss@github.com/a/b', 'https://github.com/a/b'],
    ['registry.contoso.example/shop@sha256:00ff', 'registry.contoso.example/shop@sha256:00ff'],
    ['shop@sha256:00ff', 'shop@sha256:00ff'],
    ['https://github.com/a/b@v1', 'https://github.com/a/b@v1'],
    ['/src/shop', '/src/shop'],
  ])('of %s', (address, plain) => {
    expect(withoutCredentials(address)).toBe(plain);
  });
});

it.each([
  ['contoso-example/shop', true],
  ['contoso-example', false],
  ['a/b/c', false],
  ['a /b', false],
  ['../b', false],
])('%s is the name of a repository: %s', (name, is) => {
  expect(isRepositoryName(name)).toBe(is);
});
