import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOSTILE } from '../../test/response/tickets.ts';
import { adf, html, markdown, plain, textOfAdf } from './forms.ts';
import { fitting, foreign, tame, type Block } from './words.ts';

/** Marks of all forms, beside other characters. */
const pieces = [
  '`',
  '@',
  '#1',
  '<b>',
  '&',
  '[code]',
  '[/CODE]',
  '](',
  'https://',
  'www.',
  '\n',
  '"',
  "'",
  '\\',
  'a',
  ' ',
  '\u202e',
  '\ud800',
];
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((all) => all.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const blocks = (text: string): Block[] => [
  { lines: [['Who: ', foreign(text)]] },
  { heading: 'What happened', items: [[foreign(text)], ['own words']] },
];

describe('somebody else’s words in a ticket', () => {
  it('are one printable line that nothing takes for a link, whatever they are', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 2, max: 50 }), (text, max) => {
        const line = tame(text, max);
        expect(line.length).toBeLessThanOrEqual(max);
        expect(line).not.toMatch(/[\p{Cc}\u200b-\u200f\u202a-\u202e]|:\/\/|www\.|mailto:/iu);
        expect(line.isWellFormed()).toBe(true);
      }),
    );
  });

  it('stay text in each form', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const all = blocks(text);
        expect(markdown(all).replace(/`[^`\n]*`/g, '')).toBe(markdown(blocks('')).replaceAll('``', ''));
        const bare = html(all).replace(/<\/?(?:div|h3|ul|li|code|span)>/g, '');
        expect(bare).not.toMatch(/[<>"']/);
        expect(plain(all)).not.toMatch(/\[\s*\/?\s*code/i);
        expect(JSON.stringify(adf(all))).not.toContain('"text":""');
      }),
    );
  });

  it('are found again in the document of Jira', () => {
    expect(textOfAdf(adf([{ lines: [['mark-0001 ', foreign('a `b` @c')]] }]))).toBe('mark-0001 a `b` @c');
  });

  it('are cut before anything else is done with them', () => {
    expect(tame(HOSTILE.repeat(1000), 40)).toHaveLength(40);
  });
});

describe('a ticket that is too long', () => {
  it('has whole items as far as they fit, and says how many do not', () => {
    const items = Array.from({ length: 100 }, (_, at) => [`step ${at} ${'x'.repeat(80)}`]);
    const [head, list] = fitting([{ lines: [['first']] }, { heading: 'What happened', items }], 1000);
    expect(head).toEqual({ lines: [['first']] });
    expect(list).toMatchObject({ items: expect.arrayContaining([['and 92 more']]) as unknown });
    const [cut] = fitting([{ heading: 'What happened', items, more: 8 }], 1000);
    expect(cut).toMatchObject({ items: expect.arrayContaining([['and 99 more']]) as unknown });
  });
});
