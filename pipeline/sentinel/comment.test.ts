import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IncidentContext } from '../timeline/context.ts';
import { commentAsWritten, MAX_COMMENT, SECTION_BREAK } from './comment-text.ts';
import { commentOf } from './comment.ts';
import { activity, enrichment, kevListed, NINE, relatedIncident } from './enrichment-samples.ts';

describe('a comment', () => {
  it('says the most important first, then who, what was done in all clouds, and what is known beside the logs', () => {
    const text = commentOf(enrichment());
    const titles = [...text.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'Crosstrail',
      'Who',
      'Timeline across Entra, AWS',
      'Incidents of Crosstrail',
      'Assets',
      'Vulnerabilities',
      'Addresses',
      'Threat intelligence',
      'Attack paths',
      'Other alerts that name the same',
      'Suggested next steps',
      'What could not be asked',
    ]);
    expect(text.split('\n')[1]).toBe(
      '<p><b>Web-1 can be reached from the internet and has CVE-2026-0001, which CISA knows to be exploited.</b></p>',
    );
    expect(text).toContain('ann&#64;contoso.example');
    expect(text).toContain('aws:arn:aws:iam::111122223333:user/ann');
    expect(text).toContain(
      'CVE-2026-0001: listed by CISA as exploited since 2026-11-01, used by ransomware, due 2026-11-22',
    );
    expect(text).toContain('<td>2026-11-20 09:00:00</td><td>Entra</td>');
    expect(text).toContain('sign-ins: the workspace took too long');
    expect(text).toContain('<td>production</td><td>shop-team</td><td>0.7</td>');
    expect(text).toContain('203.0.113.9: AS64500 Fabrikam Hosting; NL');
  });

  it('is the same for the same facts, and says nothing of the present', () => {
    expect(commentOf(enrichment())).toBe(commentOf(enrichment()));
    expect(commentOf(enrichment())).not.toContain(new Date().toISOString().slice(0, 13));
  });

  it('of which nothing is known says so', () => {
    const text = commentOf(
      enrichment({
        principals: [],
        activities: { shown: [], left: 0 },
        otherAlerts: [],
        addresses: [],
        incidents: [],
        vulnerabilities: [],
        context: { assets: [], findings: [], hits: [], paths: [], missing: [] },
        steps: [],
        missing: [],
      }),
    );
    expect(text).toContain('Nothing that Crosstrail knows makes it more urgent.');
    expect(text).toContain('Nothing was found in this time.');
    expect(text).not.toContain('could not be asked');
  });

  it('leads with what is gravest of what is known', () => {
    const context: IncidentContext = { assets: [], findings: [], hits: [], paths: [], missing: [] };
    const headline = (changes: Parameters<typeof enrichment>[0]): string | undefined =>
      /<b>(.*?)<\/b>/.exec(commentOf(enrichment({ context, ...changes })))?.[1];
    expect(headline({})).toBe(
      'Its alerts name CVE-2026-0001, which CISA knows to be exploited, also by ransomware campaigns.',
    );
    expect(headline({ vulnerabilities: [] })).toContain('It belongs to “ann was taken over” (critical, score 91)');
    expect(headline({ vulnerabilities: [], incidents: [] })).toContain('acts in Entra and AWS');
  });

  it('counts what it leaves out', () => {
    const shown = Array.from({ length: 300 }, (_, at) => activity({ time: NINE + at, what: `operation ${at}` }));
    const text = commentOf(enrichment({ activities: { shown, left: 7 } }));
    const rows = text.split('\n').filter((line) => line.includes('<td>Entra</td>')).length;
    expect(rows).toBeGreaterThan(30);
    expect(text).toContain(`<p>and ${300 - rows + 7} more</p>`);
    expect(commentAsWritten(text)).not.toContain('did not fit');
  });
});

/** Many of everything that is known, with the same texts in it. */
function hostileContext(one: string, other: string, count: number): IncidentContext {
  const { context } = enrichment();
  const many = <T>(list: readonly T[], change: (each: T) => T): T[] =>
    Array.from({ length: count }, () => list.map(change)).flat();
  return {
    headline: one,
    assets: many(context.assets, (each) => ({ ...each, name: one, owner: other, environment: one, exposedBy: other })),
    findings: many(context.findings, (each) => ({
      ...each,
      reasons: [one, other],
      finding: { ...each.finding, cves: [], title: one, assetLabel: other, fix: one },
    })),
    hits: many(context.hits, ({ indicator }) => ({
      key: `ip:${one}`,
      indicator: { ...indicator, value: other, source: one, description: other, labels: [one] },
    })),
    paths: many(context.paths, (each) => ({ ...each, steps: each.steps.map((step) => ({ ...step, label: one })) })),
    missing: [],
  };
}

describe('hostile text in a comment', () => {
  const TAGS = /<\/?(?:h3|p|b|ul|li|table|tr|th|td)>|<br>/g;
  const REFERENCE = /&(?:#\d{1,4}|rarr|amp);/g;

  it('is neither HTML nor Markdown, and makes no link', () => {
    const hostile =
      '<img src=x onerror=alert(1)> [click](https://evil.example) **bold** `x` | a | ![i](//x) www.evil.example a@b.example';
    const text = commentOf(enrichment({ activities: { shown: [activity({ who: hostile, what: hostile })], left: 0 } }));
    expect(text).not.toContain('<img');
    expect(text).not.toContain('](');
    expect(text).not.toContain('**');
    expect(text).not.toContain('://');
    expect(text).not.toContain('www.evil');
  });

  it('never hides who it is behind many or long names', () => {
    const names = Array.from({ length: 200 }, (_, at) => `${'_'.repeat(90)}${at}`);
    const principal = { principal: 'p', label: '_'.repeat(400), aliases: names, keys: names };
    const text = commentOf(enrichment({ principals: [{ ...principal, named: names, standing: names }] }));
    expect(text).toMatch(/<tr><td>(?:&#95;){99}…<\/td><td>&#95;.*and \d+ more<\/td><\/tr>/);
  });

  it('never makes a comment too long, however much there is of everything', () => {
    const lengths = [1, 2, 5, 10, 20, 40, 3000].map((length) => {
      // Every mark becomes six characters.
      const worst = '|'.repeat(length);
      const many = Array.from({ length: 600 }, () => worst);
      return commentOf(
        enrichment({
          missing: many,
          unresolved: many,
          context: hostileContext(worst, worst, 100),
          addresses: many.map((address) => ({ address, known: { provider: address } })),
          activities: { shown: many.map((who) => activity({ who, what: who, target: who, from: who })), left: 1e9 },
          otherAlerts: many.map((what) => activity({ what })),
          vulnerabilities: many.map(kevListed),
          principals: many.map((label) => ({
            principal: label,
            label,
            aliases: [],
            keys: [],
            named: [],
            standing: [],
          })),
          incidents: many.map((title) => ({ incident: relatedIncident({ title }), state: title, shares: 'address' })),
        }),
      ).length;
    });
    expect(Math.max(...lengths)).toBeGreaterThan(25_000);
    expect(Math.max(...lengths)).toBeLessThan(MAX_COMMENT - 200);
  });

  it('never leaves its cell, nor makes a comment too long, whatever it is', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom('<', '|'.repeat(5000), '</td></table><script>', '\n\n# x', '\u2028', '\u202e', '&lt;', '```'),
    );
    const texts = fc.array(text, { maxLength: 30 });
    const anything = fc.record({
      unresolved: texts,
      missing: texts,
      activities: fc.record({
        shown: fc.array(
          fc.record({
            time: fc.integer({ min: 0, max: 4e12 }),
            id: text,
            where: text,
            who: text,
            what: text,
            target: text,
            from: text,
            outcome: fc.constantFrom('success' as const, 'failure' as const),
            signals: texts,
            count: fc.nat(),
          }),
          { maxLength: 60 },
        ),
        left: fc.nat(),
      }),
      principals: fc.array(
        fc.record({ principal: text, label: text, aliases: texts, keys: texts, named: texts, standing: texts }),
        {
          maxLength: 10,
        },
      ),
      vulnerabilities: fc.array(
        text.map((cve) => ({ ...kevListed(cve), epss: { probability: 0.5, percentile: 0.9, model: cve } })),
        { maxLength: 40 },
      ),
      otherAlerts: fc.array(
        fc.tuple(text, text).map(([what, who]) => activity({ what, who, target: who })),
        { maxLength: 30 },
      ),
      incidents: fc.array(
        fc.tuple(text, texts).map(([title, techniques]) => ({
          incident: relatedIncident({ title, techniques, id: title }),
          state: title,
          shares: 'resource' as const,
        })),
        { maxLength: 10 },
      ),
      addresses: fc.array(
        fc
          .tuple(text, text)
          .map(([address, provider]) => ({ address, known: { provider, city: provider, organization: address } })),
        { maxLength: 40 },
      ),
      context: fc
        .tuple(text, text, fc.integer({ min: 1, max: 40 }))
        .map(([one, other, count]) => hostileContext(one, other, count)),
    });
    fc.assert(
      fc.property(anything, (changes) => {
        const comment = commentOf(enrichment(changes));
        expect(comment.length).toBeLessThan(MAX_COMMENT - 200);
        const plain = comment.replace(TAGS, '').replace(REFERENCE, '');
        expect(plain).not.toMatch(/[<>&`*_~|\\[\]"'@]|:\/\//);
        // Each section holds together: no text of a record begins another.
        for (const part of comment.split(SECTION_BREAK)) expect(part).toMatch(/^<h3>[^<]*<\/h3>\n<(?:p|ul|table)>/);
      }),
      { numRuns: 30 },
    );
  });
});
