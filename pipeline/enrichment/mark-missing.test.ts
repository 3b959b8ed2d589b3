import { describe, expect, it } from 'vitest';
import { jsonSource } from '../sources/json/index.ts';
import { violations } from '../timeline/ocsf/validate.ts';
import { markMissing } from './mark-missing.ts';
import { withVulnerabilities } from './vulnerabilities.ts';

const record = { message: 'CVE-2026-11111' };
const plain = jsonSource().read(record).event;
const named = withVulnerabilities(plain, record);
const missing = { vulnerabilities: ['EPSS scores'], others: ['indicators of contoso'] };

describe('an event', () => {
  it('is marked with what there was nothing to ask of, as valid OCSF', () => {
    const marked = markMissing(named, { missing });
    expect(marked.ocsf.enrichments).toMatchObject([{ name: 'missing', value: 'EPSS scores' }]);
    expect(violations(marked.ocsf)).toEqual([]);
    const from = { ...plain, entities: [{ kind: 'ip', key: 'ip:203.0.113.9', part: 'origin' } as const] };
    expect(markMissing(from, { missing }).ocsf.enrichments).toMatchObject([{ value: 'indicators of contoso' }]);
  });

  it('is the same where nothing is missing, or nothing would be asked', () => {
    expect(markMissing(plain, { missing })).toBe(plain);
    expect(markMissing(named, { missing: { vulnerabilities: [], others: [] } })).toBe(named);
  });
});
