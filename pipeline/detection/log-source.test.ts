import { describe, expect, it } from 'vitest';
import { covers, shownLogSource, takesIn } from './log-source.ts';

const AUDIT = { product: 'kubernetes', service: 'audit', category: 'application' };

describe('a log source', () => {
  it.each(['product', 'service', 'category'] as const)('takes in records whose %s it names, in any case', (key) => {
    expect(takesIn({ [key]: AUDIT[key] }, AUDIT)).toBe(true);
    expect(takesIn({ [key]: AUDIT[key] }, { ...AUDIT, [key]: AUDIT[key].toUpperCase() })).toBe(true);
    expect(takesIn({ [key]: 'other' }, AUDIT)).toBe(false);
    expect(takesIn({ [key]: AUDIT[key] }, { ...AUDIT, [key]: undefined })).toBe(false);
  });

  it('takes in the records in which another tells of it', () => {
    const pim = { product: 'azure', service: 'pim' };
    expect(takesIn(pim, { product: 'azure', service: 'auditlogs' })).toBe(true);
    expect(takesIn(pim, { product: 'azure', service: 'signinlogs' })).toBe(false);
  });

  it.each(['product', 'service', 'category'] as const)('of a filter covers rules that name its %s', (key) => {
    expect(covers({ [key]: AUDIT[key] }, AUDIT)).toBe(true);
    expect(covers({ [key]: 'other' }, AUDIT)).toBe(false);
    expect(covers(AUDIT, { ...AUDIT, [key]: undefined })).toBe(false);
  });

  it('is shown by what it names', () => {
    expect(shownLogSource(AUDIT)).toBe('application/kubernetes/audit');
    expect(shownLogSource({ category: 'process_creation' })).toBe('process_creation');
    expect(shownLogSource({})).toBe('any');
  });
});
