import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valuesOfPattern } from './stix-pattern.ts';

const anyCharacter = fc.nat(0xffff).map((code) => String.fromCharCode(code));

describe('valuesOfPattern', () => {
  it.each([
    ["[ipv4-addr:value = '203.0.113.7']", ['203.0.113.7']],
    ["[ipv4-addr:value='203.0.113.7']", ['203.0.113.7']],
    ["[ipv4-addr:value ISSUBSET '203.0.113.0/24']", ['203.0.113.0/24']],
    ["[ipv6-addr:value = '2001:db8::1']", ['2001:db8::1']],
    ["[domain-name:value IN ('a.example', 'b.example')]", ['a.example', 'b.example']],
    ["[url:value = 'https://a.example/x'] OR [domain-name:value = 'b.example']", ['https://a.example/x', 'b.example']],
    ["[ipv4-addr:value = '203.0.113.7' OR ipv4-addr:value = '203.0.113.8' ]", ['203.0.113.7', '203.0.113.8']],
    ["[network-traffic:dst_ref.value = '203.0.113.7']", ['203.0.113.7']],
    [String.raw`[url:value = 'https://a.example/it\'s']`, ["https://a.example/it's"]],
  ])('%s', (pattern, values) => {
    expect(valuesOfPattern(pattern)).toEqual(values);
  });

  it.each([
    "[ipv4-addr:value = '203.0.113.7' AND network-traffic:dst_port = 22]",
    "[domain-name:value = 'a.example'] AND [ipv4-addr:value = '203.0.113.7']",
    "[domain-name:value = 'a.example'] FOLLOWEDBY [ipv4-addr:value = '203.0.113.7']",
    "[domain-name:value = 'a.example'] REPEATS 5 TIMES WITHIN 60 SECONDS",
    "[domain-name:value != 'a.example']",
    "[NOT domain-name:value = 'a.example']",
    "[domain-name:value LIKE '%.example']",
    "[domain-name:value MATCHES '^a']",
    "[file:name = 'a.example']",
    "[domain-name:value = 'a.example'",
    "domain-name:value = 'a.example'",
    "[domain-name:value = 'a.example']]",
    "[domain-name:value = 'a.example' OR]",
    "[domain-name:value IN ('a.example',)]",
    '[]',
    '',
  ])('%s says what cannot be looked up by itself', (pattern) => {
    expect(valuesOfPattern(pattern)).toBeUndefined();
  });

  it('bears any text, in time with its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        valuesOfPattern(text);
        expect(valuesOfPattern(`[url:value = '${text.replace(/['\\]/g, String.raw`\$&`)}']`)).toEqual([text]);
      }),
    );
    const started = performance.now();
    valuesOfPattern(`['${'\\'.repeat(60_000)}`);
    valuesOfPattern(`[${' '.repeat(60_000)}!`);
    valuesOfPattern(`[url:value IN (${"'a',".repeat(12_000)}'a')]`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
