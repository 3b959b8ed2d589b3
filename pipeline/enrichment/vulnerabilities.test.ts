import { describe, expect, it } from 'vitest';
import { jsonSource } from '../sources/json/index.ts';
import { MAX_ENTITIES } from '../timeline/entity.ts';
import { parseKev } from './kev.ts';
import { cvesIn, mayNameVulnerability, vulnerabilityContext, withVulnerabilities } from './vulnerabilities.ts';

const eventOf = (record: { message: string }) => jsonSource().read(record).event;

describe('an event whose record names vulnerabilities', () => {
  it('has each as an entity, once', () => {
    const record = { message: 'blocked cve-2026-11111 and CVE-2026-9999, again CVE-2026-11111' };
    const named = withVulnerabilities(eventOf(record), record);
    expect(named.entities.map(({ key, label }) => [key, label])).toEqual([
      ['cve:cve-2026-11111', 'CVE-2026-11111'],
      ['cve:cve-2026-9999', 'CVE-2026-9999'],
    ]);
    expect(withVulnerabilities(named, record)).toBe(named);
  });

  it('has no more entities than an event may have, whatever it names', () => {
    const record = { message: Array.from({ length: 100 }, (_, at) => `CVE-2026-${10_000 + at}`).join(' ') };
    const { entities } = withVulnerabilities(eventOf(record), record);
    expect(entities.length).toBe(20);
    expect(entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
  });

  it('is the same where it names none', () => {
    const record = { message: 'nothing' };
    const before = eventOf(record);
    expect(withVulnerabilities(before, record)).toBe(before);
    expect(cvesIn({ text: 'XCVE-2026-1' })).toEqual([]);
  });
});

it.each([
  ['{"image":"five-2 cve-2026-11111"}', true],
  ['{"finding":"CVE-2026-11111"}', true],
  ['CVE-2', true],
  ['{"arn":"archive-2026 drive-1 CVE- cve-x ve-1"}', false],
  ['', false],
])('of a text it is soon told whether it may name one: %j', (text, may) => {
  expect(mayNameVulnerability(text)).toBe(may);
});

it('what feeds say of a vulnerability is what they hold, and nothing where they hold none', () => {
  const listed = { name: 'Invented', dateAdded: '2026-01-01', dueDate: '2026-01-22', ransomware: true };
  const entry = {
    ...{ cveID: 'CVE-2026-11111', vulnerabilityName: 'Invented', dateAdded: '2026-01-01', dueDate: '2026-01-22' },
    knownRansomwareCampaignUse: 'Known',
  };
  const kev = parseKev(Buffer.from(JSON.stringify({ catalogVersion: '2026.01.01', vulnerabilities: [entry] })));
  expect(vulnerabilityContext('CVE-2026-11111', { kev })).toEqual({ cve: 'CVE-2026-11111', kev: listed });
  expect(vulnerabilityContext('CVE-2026-2222', { kev })).toEqual({ cve: 'CVE-2026-2222' });
});
