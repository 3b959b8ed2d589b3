import { describe, expect, it } from 'vitest';
import { sampleIncident } from '../../pipeline/incidents/incident-samples.ts';
import { incidentLine, incidentText, spanText } from './incident-text.ts';

describe('incidentText', () => {
  it('says how bad it is, who it is about, and the story in order', () => {
    const [heading, about, clouds, who, attack, ...story] = incidentText(sampleIncident()).split('\n');
    expect(heading).toBe(
      'CRITICAL 92  ann@contoso.example: from a device-code sign-in in Entra to a trail stopped in AWS',
    );
    expect(about).toBe(
      '  incident-5e1f0c2a9b8d4e7f8a6b5c4d3e2f1a0b, 2026-11-20 09:00:00 to 09:42:00 UTC, 2 alerts, 5 events',
    );
    expect([clouds, who, attack]).toEqual([
      '  clouds  Microsoft Entra, AWS',
      '  who     ann@contoso.example',
      '  ATT&CK  T1566.002 T1078.004 T1685.002',
    ]);
    expect(story).toEqual(sampleIncident().story.map((line) => `  ${line}`));
  });

  it('names workloads with their keys, cuts what there is too much of, and leaves out what there is nothing of', () => {
    const principals = Array.from({ length: 8 }, (_, at) => {
      const id = `aws:role/${at}`.padEnd(at === 1 ? 200 : 0, '-');
      return { id, label: `deploy ${at}`, kind: 'workload' as const, aliases: [] };
    });
    const [, , , who, first] = incidentText(sampleIncident({ principals, techniques: [] })).split('\n');
    expect(who).toMatch(/^ {2}who {5}deploy 0 \(aws:role\/0\), deploy 1 \(aws:role\/1-{90}…\), .*, and 2 more$/);
    expect(first).toMatch(/^ {2}2026-11-20 09:00:00/);
  });

  it('breaks lines at spaces, each under its text', () => {
    const story = ['2026-11-20 09:00:00  ann did one thing, and then another that-goes-on-and-on-and-on-and-on'];
    const lines = incidentText(sampleIncident({ story }), 50).split('\n').slice(5);
    expect(lines).toEqual([
      '  2026-11-20 09:00:00  ann did one thing, and then',
      `${' '.repeat(23)}another`,
      `${' '.repeat(23)}that-goes-on-and-on-and-on-and-on`,
    ]);
    expect(incidentText(sampleIncident({ story }), 10)).toBe(incidentText(sampleIncident({ story }), Infinity));
  });

  it('tells the beginning and the end of a long story', () => {
    const story = Array.from({ length: 200 }, (_, at) => `step ${at}`);
    const lines = incidentText(sampleIncident({ story })).split('\n').slice(5);
    expect(lines).toHaveLength(31);
    expect(lines.slice(24, 27)).toEqual(['  step 24', '  … 170 more steps (--format ndjson has all)', '  step 195']);
    expect(incidentText(sampleIncident({ story: story.slice(0, 30) })).split('\n')).toHaveLength(35);
  });

  it('prints no control characters of records', () => {
    const hostile = 'ann\u001b[2J\u202e\n\u0007';
    const principals = [{ id: hostile, label: hostile, kind: 'unknown' as const, aliases: [hostile] }];
    const text = incidentText(sampleIncident({ title: hostile, story: [hostile], principals, clouds: [hostile] }));
    expect(text.split('\n')).toHaveLength(6);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/u);
  });
});

it.each([
  [0, '2026-11-20 09:00:00 UTC'],
  [90_000, '2026-11-20 09:00:00 to 09:01:30 UTC'],
  [86_400_000, '2026-11-20 09:00:00 to 2026-11-21 09:00:00 UTC'],
])('says when it began and ended, after %i ms', (length, text) => {
  const { firstSeen } = sampleIncident();
  expect(spanText(sampleIncident({ lastSeen: firstSeen + length }))).toBe(text);
});

it('is one object for machines', () => {
  const incident = sampleIncident();
  expect(JSON.parse(JSON.stringify(incidentLine(incident)))).toEqual({
    type: 'incident',
    id: incident.id,
    title: incident.title,
    severity: 'critical',
    score: 92,
    decision: 'block',
    principals: incident.principals,
    clouds: ['Microsoft Entra', 'AWS'],
    sources: ['entra', 'cloudtrail'],
    tactics: incident.tactics,
    techniques: incident.techniques,
    firstSeen: '2026-11-20T09:00:00.000Z',
    lastSeen: '2026-11-20T09:42:00.000Z',
    story: incident.story,
    alertIds: incident.alertIds,
    eventIds: incident.eventIds,
  });
});
