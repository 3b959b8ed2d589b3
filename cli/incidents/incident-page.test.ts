import { describe, expect, it } from 'vitest';
import { sampleIncident } from '../../pipeline/incidents/incident-samples.ts';
import type { KeptIncident } from '../../pipeline/incidents/incident-store.ts';
import type { Alert } from '../../pipeline/timeline/alert.ts';
import { incidentPage } from './incident-page.ts';

const SAMPLE = sampleIncident();
const [SIGN_IN = '', TRAIL = ''] = SAMPLE.alertIds;
const keptIncident = (other: Partial<KeptIncident> = {}): KeptIncident => ({
  incident: SAMPLE,
  revision: 1,
  withdrawn: false,
  cut: false,
  merged: [],
  history: [],
  state: 'open',
  ...other,
});
const alert = (id: string, title: string): Alert => ({
  id,
  rule: { id: 'rule-1', title, level: 'critical' },
  severity: 'critical',
  decision: 'block',
  techniques: ['T1685.002'],
  principals: [],
  group: {},
  count: 3,
  firstSeen: SAMPLE.lastSeen,
  lastSeen: SAMPLE.lastSeen,
});

describe('incidentPage', () => {
  it('says who, what, why it is one, and why it matters', () => {
    const page = incidentPage(keptIncident(), [alert(TRAIL, 'CloudTrail trail stopped')]);
    expect(page).toContain(
      `CRITICAL 92  ${SAMPLE.title}\n${SAMPLE.id}, open\n2026-11-20 09:00:00 to 09:42:00 UTC, 2 alerts, 5 events, Microsoft Entra, AWS, decision: block\n`,
    );
    expect(page).toMatch(/^who\n {2}ann@contoso.example \(person\) {2}entra-user:.*\n {4}also aws-key:ASIACONTOSO/m);
    expect(page).toMatch(/^ {2}2026-11-20 09:00:00 {2}entra +ann.* signed in .*\n +! alert-0{31}1$/m);
    expect(page).toMatch(/ did StopLogging .*\n +! critical: CloudTrail trail stopped$/m);
    expect(page).toMatch(
      /^alerts\n.*\n {2}critical +2026-11-20 09:42:00 +3 +CloudTrail trail stopped +T1685.002 +alert-/m,
    );
    expect(page).toContain('  1 alert not kept any more\n');
    expect(page).toContain(`  ${SIGN_IN} + CloudTrail trail stopped: by the same principal, ann@contoso.example\n`);
    expect(page).toMatch(/^why the score is 92\n {3}\+62 {2}a critical and a high alert$/m);
    expect(page).not.toMatch(/who decided what|opened again|withdrawn|took in|in part/);
  });

  it('says what became of it', () => {
    const page = incidentPage(
      keptIncident({
        withdrawn: true,
        cut: true,
        merged: ['incident-0'],
        reopened: 'an alert joined',
        history: [
          { incident: SAMPLE.id, state: 'acknowledged', by: 'ben', at: 0, note: 'calling Ann', revision: 1 },
          { incident: 'incident-0', state: 'open', by: 'eve', at: 1000, revision: 1 },
        ],
      }),
      [],
    );
    expect(page).toContain(`${SAMPLE.id}, withdrawn\n`);
    expect(page).toMatch(/^opened again {2}an alert joined\nwithdrawn {2}.*\nin part {2}.*\ntook in incident-0$/m);
    expect(page).toMatch(
      / {2}1970-01-01 00:00:00 {2}ben {2}acknowledged {2}calling Ann\n.* eve {2}open \(of incident-0\)$/,
    );
  });

  it('shows how many steps a story leaves out, and counts what there is too much of', () => {
    const [person] = SAMPLE.principals;
    const principals =
      person === undefined ? [] : [{ ...person, aliases: Array.from({ length: 30 }, (_, n) => `k${n}`) }];
    const story = [...SAMPLE.story, 'and 3 more steps of lesser weight'];
    const reasons = Array.from({ length: 205 }, () => ({ what: 'more', points: 1 }));
    const page = incidentPage(keptIncident({ incident: sampleIncident({ principals, story, reasons }) }), []);
    expect(page).toContain('  and 3 more steps of lesser weight\n\nalerts');
    expect(page).toContain('also k11\n    and 18 more aliases\n');
    expect(page).toContain('  and 5 more; --format ndjson shows all\n');
  });

  it('prints no control characters of records', () => {
    const hostile = 'ann\u001b[2J\u202e\n\u0007';
    const history = [{ incident: hostile, state: 'open' as const, by: hostile, at: 0, note: hostile, revision: 1 }];
    const [step] = SAMPLE.steps;
    const incident = sampleIncident({
      title: hostile,
      clouds: [hostile],
      steps: step === undefined ? [] : [{ ...step, text: hostile }],
      principals: [{ id: hostile, label: hostile, kind: 'person', aliases: [hostile] }],
    });
    const page = incidentPage(keptIncident({ incident, history, reopened: hostile, merged: [hostile] }), [
      alert(TRAIL, hostile),
    ]);
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/u);
    expect(page).toContain('ann?[2J???');
  });
});
