import { describe, expect, it } from 'vitest';
import { FilterBounds } from './filter-bounds.ts';
import { compiled, ruleText } from '../testing/rule-samples.ts';

const DETECTION = { selection: { operationName: 'x' }, condition: 'selection' };
const ruleFor = (service: string) =>
  compiled(ruleText(DETECTION, { id: service, logsource: { product: 'azure', service } }));

const addTimes = (bounds: FilterBounds, times: number, service: string): void => {
  for (let time = 0; time < times; time += 1) bounds.add({ rules: 'any', logsource: { product: 'azure', service } });
};

describe('the bounds of filters', () => {
  it('count filters for the rules that they are applied to, also where another log source tells of theirs', () => {
    const bounds = new FilterBounds([ruleFor('pim')]);
    addTimes(bounds, 100, 'pim');
    expect(() => addTimes(bounds, 1, 'pim')).toThrow('at most 100 filters may be for all rules of a log source');
  });

  it('count how often filters apply to rules in all', () => {
    const bounds = new FilterBounds([]);
    for (let filter = 0; filter < 100; filter += 1) {
      const rules = Array.from({ length: 1000 }, (_, at) => `${filter}/${at}`);
      bounds.add({ rules, logsource: { product: 'azure' } });
    }
    expect(() => bounds.add({ rules: ['one more'], logsource: { product: 'azure' } })).toThrow('100000 times in all');
  });

  it('count no filters for rules of other log sources', () => {
    const bounds = new FilterBounds([ruleFor('auditlogs')]);
    expect(() => addTimes(bounds, 200, 'pim')).not.toThrow();
  });
});
