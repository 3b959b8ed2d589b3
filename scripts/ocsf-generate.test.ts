import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CORPUS } from '../test/corpus.ts';
import { generate, OUTPUT } from './ocsf-generate.ts';

const folder = join(CORPUS, 'ocsf');
const absent = !existsSync(join(folder, 'dictionary.json'));

describe('generate', () => {
  it('names the file that is not there', () => {
    expect(() => generate(import.meta.dirname)).toThrow(/dictionary\.json/);
  });

  it('gives the committed files from the schema itself', (test) => {
    if (absent) test.skip(`no checkout of ocsf/ocsf-schema at ${folder}`);
    const generated = generate(folder);
    expect(Object.keys(generated)).toEqual(['schema.generated.json', 'types.generated.ts']);
    for (const [name, text] of Object.entries(generated)) {
      expect(text === readFileSync(join(OUTPUT, name), 'utf8'), `${name} is not what the schema gives`).toBe(true);
    }
  });
});
