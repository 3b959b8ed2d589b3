import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandPlaceholders } from './placeholders.ts';

const PLACEHOLDERS = new Map([
  ['Administrators', ['adm_*', 'root']],
  ['Servers', ['srv1', 'srv2']],
  ['folder', ['C:\\']],
  ['nested', ['%Servers%']],
  ['__proto__', ['harmless']],
]);

describe('expandPlaceholders', () => {
  it.each<[value: string, texts: readonly string[]]>([
    ['%Administrators%', ['adm_*', 'root']],
    ['CN=%Administrators%,*', ['CN=adm_*,*', 'CN=root,*']],
    ['%Administrators%@%Servers%', ['adm_*@srv1', 'adm_*@srv2', 'root@srv1', 'root@srv2']],
    ['%Servers%%Servers%', ['srv1srv1', 'srv1srv2', 'srv2srv1', 'srv2srv2']],
    ['plain', ['plain']],
    ['', ['']],
    ['100 %', ['100 %']],
    ['%not a name%', ['%not a name%']],
    ['%%', ['%%']],
    [String.raw`\%Servers%`, ['%Servers%']],
    [String.raw`\%plain%Servers%`, ['%plainsrv1', '%plainsrv2']],
    [String.raw`\\%Servers%`, [String.raw`\\srv1`, String.raw`\\srv2`]],
    [String.raw`a\*%Servers%`, [String.raw`a\*srv1`, String.raw`a\*srv2`]],
    ['%folder%*', [String.raw`C:\\*`]],
    ['%nested%', ['%Servers%']],
    ['%__proto__%', ['harmless']],
  ])('%s', (value, texts) => {
    expect(expandPlaceholders(value, PLACEHOLDERS)).toEqual(texts);
  });

  it('refuses what is not defined, saying where to define it', () => {
    expect(() => expandPlaceholders('%JumpServers%', PLACEHOLDERS)).toThrow(
      /names %JumpServers%, which the configuration does not define .*rules\.placeholders\.JumpServers/,
    );
    expect(() => expandPlaceholders('%constructor%', new Map())).toThrow(/defines none/);
  });

  it('refuses numbers, and more combinations than can be meant', () => {
    expect(() => expandPlaceholders(42, PLACEHOLDERS)).toThrow(/takes a text/);
    expect(() => expandPlaceholders('%Servers%'.repeat(14), PLACEHOLDERS)).toThrow(/more than 10000 combinations/);
  });

  it('keeps texts without percent signs as they are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('%')),
        (text) => {
          expect(expandPlaceholders(text, PLACEHOLDERS)).toEqual([text]);
        },
      ),
    );
  });
});
