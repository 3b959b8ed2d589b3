import { describe, expect, it } from 'vitest';
import { advisoryIdsIn, cveIdsIn, cweIdsIn } from './weakness-ids.ts';

describe('the ids in texts', () => {
  it.each([
    ['CVE-2026-12345', ['CVE-2026-12345']],
    ['cve-2026-12345-openssl and CVE-2026-12345, CVE-2025-0001', ['CVE-2026-12345', 'CVE-2025-0001']],
    ['XCVE-2026-12345 CVE-26-1 CVE-2026-123', []],
    ['CVE-2026-12345678901234567890', []],
  ])('of vulnerabilities: %s', (text, ids) => {
    expect(cveIdsIn(undefined, text)).toEqual(ids);
  });

  it.each([
    ['ghsa-2H3J-4x5m-6q7r', ['GHSA-2h3j-4x5m-6q7r']],
    ['GHSA-1234-5678-9090', []],
  ])('of advisories: %s', (text, ids) => {
    expect(advisoryIdsIn(text)).toEqual(ids);
  });

  it.each([
    ['external/cwe/cwe-079', ['CWE-79']],
    ['CWE-89: SQL injection; CWE-089', ['CWE-89']],
    ['cweXX scwe-7', []],
  ])('of weaknesses: %s', (text, ids) => {
    expect(cweIdsIn(text)).toEqual(ids);
  });

  it('are bounded in number and effort', () => {
    const many = Array.from({ length: 1000 }, (_, at) => `CVE-2026-${10_000 + at}`);
    expect(cveIdsIn(...many)).toHaveLength(20);
    const started = performance.now();
    cveIdsIn('CVE-2026-'.repeat(1e6));
    expect(performance.now() - started).toBeLessThan(100);
  });
});
