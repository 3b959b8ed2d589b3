import { describe, expect, it } from 'vitest';
import { ConfigurationError, parseConfiguration } from '../configuration.ts';

const read = (text: string) => parseConfiguration(text, '/etc/crosstrail/crosstrail.yaml');
const source = (text: string): string => `threatIntel: { sources: [{ name: contoso-intel, ${text} }] }`;

describe('sources of indicators', () => {
  it('have defaults, and files beside the configuration', () => {
    expect(read(source('file: intel/list.txt')).threatIntel.sources).toEqual([
      {
        name: 'contoso-intel',
        file: '/etc/crosstrail/intel/list.txt',
        confidence: 60,
        expires: 30 * 86_400_000,
        labels: [],
        maxIndicators: 200_000,
      },
    ]);
    expect(read('').threatIntel).toMatchObject({ sources: [], ignore: [] });
  });

  it.each([
    [source('confidence: 50'), 'expected one of file, url and taxii'],
    [source('file: a, url: https://intel.fabrikam.example/a'), 'expected one of file, url and taxii'],
    [source('file: a, authorization: { scheme: bearer, environment: A }'), 'authorization: a file needs none'],
    [source('url: http://intel.fabrikam.example/a'), 'expected an address that begins with https'],
    [source('url: https://me:secret@intel.fabrikam.example/a'), 'without user and password'],
    [source('url: file:///etc/passwd'), 'expected an address that begins with https'],
    [
      source('url: https://a.example, authorization: { scheme: bearer, environment: my secret }'),
      'environment variable',
    ],
    [source('url: https://a.example, authorization: { scheme: bearer, token: secret }'), 'authorization'],
    [source('file: a, confidence: 101'), 'confidence'],
    [source('file: a, expires: soon'), 'expected a span'],
    ['threatIntel: { sources: [{ name: a, file: a }, { name: a, file: b }] }', 'two have the same name'],
    ['threatIntel: { ignore: [203.0.113.0/99] }', 'threatIntel.ignore.0'],
  ])('%s is refused', (text, problem) => {
    expect(() => read(text)).toThrow(ConfigurationError);
    expect(() => read(text)).toThrow(problem);
  });

  it('may be on this machine, and have a query', () => {
    const { sources } = read(source('url: "http://127.0.0.1:8080/list?kind=ip"')).threatIntel;
    expect(sources).toMatchObject([{ url: 'http://127.0.0.1:8080/list?kind=ip' }]);
  });
});

describe('network context', () => {
  it('has ranges of AWS and Google Cloud unless told otherwise, and files beside the configuration', () => {
    const { network } = read(
      'network: { databases: [geo.mmdb, /geo/asn.mmdb], providers: { azure: { file: tags.json } } }',
    );
    expect(network).toMatchObject({
      databases: ['/etc/crosstrail/geo.mmdb', '/geo/asn.mmdb'],
      providers: { aws: { enabled: true }, gcp: { enabled: true }, azure: { file: '/etc/crosstrail/tags.json' } },
    });
    expect(read('network: { providers: { aws: { enabled: false } } }').network.providers.aws.enabled).toBe(false);
  });

  it('refuses two places for one thing', () => {
    const text = 'network: { providers: { azure: { file: a, url: https://a.example/b } } }';
    expect(() => read(text)).toThrow('expected file or url, not both');
  });
});
