import { describe, expect, it } from 'vitest';
import { RejectedRecord } from './source.ts';
import { checkTextBounds } from './text-bounds.ts';

const MEGABYTE = 1024 * 1024;

describe('checkTextBounds', () => {
  it.each([
    ['brackets that are never closed', '['.repeat(2 * MEGABYTE), 'nested'],
    ['objects in objects', '{"a":'.repeat(MEGABYTE), 'nested'],
    ['empty lists by the million', `[${'[],'.repeat(5 * MEGABYTE)}[]]`, 'objects and lists'],
  ])('refuses %s', (_name, text, reason) => {
    expect(() => checkTextBounds(text)).toThrow(RejectedRecord);
    expect(() => checkTextBounds(text)).toThrow(reason);
  });

  it('lets large records pass, whatever stands in their texts', () => {
    const record = JSON.stringify({ text: '[{'.repeat(1000), quote: '\\"[[[', more: [1, { a: [] }] });
    expect(() => checkTextBounds(`[${`${record},`.repeat(2000)}${record}]`)).not.toThrow();
    expect(() => checkTextBounds(`"${'['.repeat(2 * MEGABYTE)}"`)).not.toThrow();
    expect(() => checkTextBounds(`"${'['.repeat(2 * MEGABYTE)}`)).not.toThrow();
  });

  it('is linear in backslashes', () => {
    expect(() => checkTextBounds(`"${'\\'.repeat(2 * MEGABYTE)}"`)).not.toThrow();
  });
});
