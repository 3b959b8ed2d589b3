import { describe, expect, it } from 'vitest';
import { parseJson } from '../../platform/json.ts';
import type { Summary } from '../detection/correlation/group-state.ts';
import { observation } from './observation-samples.ts';
import { observationPage, ObservationPages, summaryPage, SummaryPages } from './pages.ts';

const [one, two, three] = [observation('1', 0), observation('2', 1), observation('3', 2)];
const held = new Map([one, two, three].map((each) => [each.id, each]));

describe('ObservationPages', () => {
  it('writes what is committed together as one page, and nothing for nothing', () => {
    const pages = new ObservationPages([]);
    expect(pages.add('7', [one, two])).toEqual([
      { kind: 'observations', id: '7', value: { id: '7', observations: [one, two] } },
    ]);
    expect(pages.add('8', [])).toEqual([]);
  });

  it('writes a page anew without what is taken out, and deletes it with the last', () => {
    const pages = new ObservationPages([{ id: '7', observations: [one, two] }]);
    pages.add('8', [three]);
    const left = new Map(held);
    left.delete(one.id);
    expect(pages.remove([one.id, 'cloudtrail/unknown'], left)).toEqual([
      { kind: 'observations', id: '7', value: { id: '7', observations: [two] } },
    ]);
    expect(pages.remove([one.id], left)).toEqual([]);
    left.delete(two.id);
    expect(pages.remove([two.id], left)).toEqual([{ kind: 'observations', id: '7', value: undefined }]);
    expect(pages.remove([three.id], new Map())).toEqual([{ kind: 'observations', id: '8', value: undefined }]);
  });

  it('are read as they were written', () => {
    const [entry] = new ObservationPages([]).add('7', [one, three]);
    expect(observationPage.parse(parseJson(JSON.stringify(entry?.value)))).toEqual(entry?.value);
    expect(observationPage.safeParse({ id: '7', observations: [{ id: 'x' }] }).success).toBe(false);
  });
});

describe('SummaryPages', () => {
  const summary = (key: string, count = 1): Summary => ({ key, value: { count } });
  const many = Array.from({ length: 2000 }, (_, n) => summary(`rule|group ${n}`));
  const summariesOf = (entries: readonly { readonly value: object | undefined }[]) =>
    entries.flatMap(({ value }) => (value === undefined ? [] : summaryPage.parse(value).summaries));

  it('spread many over few rows, each summary once', () => {
    const entries = new SummaryPages([]).changes(many);
    expect(entries.length).toBeLessThanOrEqual(256);
    expect(summariesOf(entries)).toHaveLength(many.length);
    expect(new Set(summariesOf(entries).map(({ key }) => key)).size).toBe(many.length);
  });

  it('write only the page that changed, and nothing where nothing did, in whatever order they come', () => {
    const pages = new SummaryPages(many);
    expect(pages.changes(many.toReversed())).toEqual([]);
    const changed = pages.changes([summary('rule|group 5', 2), ...many.filter(({ key }) => key !== 'rule|group 5')]);
    expect(changed).toHaveLength(1);
    expect(summariesOf(changed)).toContainEqual(summary('rule|group 5', 2));
    expect(summariesOf(changed)).not.toContainEqual(summary('rule|group 5'));
  });

  it('delete the pages of those that are no more', () => {
    const pages = new SummaryPages([]);
    const [written] = pages.changes([summary('a')]);
    expect(pages.changes([])).toEqual([{ kind: 'summaries', id: written?.id, value: undefined }]);
    expect(pages.changes([])).toEqual([]);
  });
});
