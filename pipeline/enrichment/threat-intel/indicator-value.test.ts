import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prefixText } from '../../../platform/ip-prefix.ts';
import { readIndicatorValue } from './indicator-value.ts';

const anyCharacter = fc.nat(0xffff).map((code) => String.fromCharCode(code));

function shown(text: string): string | undefined {
  const value = readIndicatorValue(text);
  if (value === undefined) return undefined;
  const host = value.kind === 'network' ? prefixText(value.prefix) : value.domain;
  return value.url === undefined ? host : `${host} for a page`;
}

describe('readIndicatorValue', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.9/24', '203.0.113.0/24'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['Login.Fabrikam.Example.', 'login.fabrikam.example'],
    ['*.fabrikam.example', 'fabrikam.example'],
    ['.fabrikam.example', 'fabrikam.example'],
    ['fabrikam[.]example', 'fabrikam.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['_dmarc.fabrikam.example', '_dmarc.fabrikam.example'],
    ['hxxps://fabrikam[.]example/', 'fabrikam.example'],
    ['http://fabrikam.example:8080', 'fabrikam.example'],
    ['https://fabrikam.example/kit/login.php?u=1', 'fabrikam.example for a page'],
    ['http://203.0.113.7/x', '203.0.113.7 for a page'],
    ['http://[2001:db8::1]/', '2001:db8::1'],
  ])('reads %s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each([
    ...['', ' ', '-', '203.0.113.300', '203.0.113.0/33', '1.2.3', 'a b.example', 'a..example', '-a.example'],
    ...['http://', 'mailto:a@fabrikam.example', `${'a'.repeat(64)}.example`, `${'a.'.repeat(130)}example`, 'a\u0000b'],
  ])('takes %j for nothing', (text) => {
    expect(readIndicatorValue(text)).toBeUndefined();
  });

  it('bears any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: anyCharacter }), (text) => {
        const value = readIndicatorValue(text);
        if (value?.kind === 'domain')
          expect(readIndicatorValue(value.domain)).toEqual({ kind: 'domain', domain: value.domain });
      }),
    );
    expect(readIndicatorValue('.'.repeat(1_000_000))).toBeUndefined();
  });
});
