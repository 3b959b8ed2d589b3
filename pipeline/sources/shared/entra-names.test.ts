import { describe, expect, it } from 'vitest';
import { guidOf, upnOf } from './entra-names.ts';

describe('guidOf', () => {
  it.each([
    ['0000000A-0000-4000-8000-00000000000B', '0000000a-0000-4000-8000-00000000000b'],
    ['0000000a00004000800000000000000B', '0000000a-0000-4000-8000-00000000000b'],
    ['0000000g-0000-4000-8000-00000000000b', undefined],
    ['0000000a-0000-4000-8000-00000000000', undefined],
    ['', undefined],
    [7, undefined],
    [null, undefined],
    [undefined, undefined],
  ])('reads %j', (value, expected) => {
    expect(guidOf(value)).toBe(expected);
  });
});

describe('upnOf', () => {
  it.each([
    ['Ada@Contoso.example', 'Ada@Contoso.example'],
    ['live.com#ada@contoso.example', 'ada@contoso.example'],
    ['ada_fabrikam.example#EXT#@contoso.example', 'ada_fabrikam.example#EXT#@contoso.example'],
    ['Microsoft.Advisor', undefined],
    ['system:serviceaccount:a@b.c', undefined],
    ['ada@localhost', undefined],
    ['@contoso.example', undefined],
    ['ada lovelace@contoso.example', undefined],
    ['a@b@contoso.example', undefined],
    [`${'a'.repeat(300)}@contoso.example`, undefined],
    ['', undefined],
    [{}, undefined],
  ])('reads %j', (value, expected) => {
    expect(upnOf(value)).toBe(expected);
  });
});
