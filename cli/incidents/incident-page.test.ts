import { describe, expect, it } from 'vitest';
import { sampleIncident } from '../../pipeline/incidents/incident-samples.ts';
import {
  ann,
  NOW,
  samplePlan,
  sampleRequest,
  sampleResponse,
  sampleStep,
} from '../../pipeline/response/approval/response-samples.ts';
import type { Step } from '../../pipeline/response/response.ts';
import type { KeptIncident } from '../../pipeline/incidents/incident-store.ts';
import type { Alert } from '../../pipeline/timeline/alert.ts';
import { incidentPage } from './incident-page.ts';
import { wholeLine } from './kept-line.ts';

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
/** The sample's step two minutes after it was executed. */
const DONE: Step = {
  ...sampleStep,
  state: 'verified',
  executed: NOW - 120_000,
  changes: samplePlan.changes.map((change) => ({ change, state: 'made', seen: { is: 'held', at: NOW - 119_000 } })),
  lease: { until: NOW + 3_480_000, extended: [] },
};
const approved = sampleResponse({
  state: 'active',
  steps: [
    DONE,
    { ...sampleStep, id: 'other', action: 'entra-revoke-sessions', state: 'failed', problem: 'no such user' },
  ],
  approval: { ...sampleRequest, answers: [{ by: ann, answer: 'approve', reason: 'go', at: NOW - 180_000 }] },
});

describe('incidentPage', () => {
  it('says who, what, why it is one, and why it matters', () => {
    const page = incidentPage(keptIncident(), [alert(TRAIL, 'CloudTrail trail stopped')], [], NOW);
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
      [],
      NOW,
    );
    expect(page).toContain(`${SAMPLE.id}, withdrawn\n`);
    expect(page).toMatch(/^opened again {2}an alert joined\nwithdrawn {2}.*\nin part {2}.*\ntook in incident-0$/m);
    expect(page).toMatch(
      / {2}1970-01-01 00:00:00 {2}ben {2}acknowledged {2}calling Ann\n.* eve {2}open \(of incident-0\)$/,
    );
  });

  it('says what responses did, who approved it, when it ends, and what an attacker may still have', () => {
    const page = (now: number) => incidentPage(keptIncident(), [], [approved], now);
    expect(page(NOW)).toContain(`
what is done about it
  active  playbook contain-address, by binding web-attacks, mode approve  response-0123456789abcdef0123456789abcdef
    approved by ann@contoso.example (${ann.id}) at 2026-11-21 11:57:00 UTC: go
    nsg-deny: verified, network security group nsg-web
      Deny 198.51.100.23 inbound by rule crosstrail-deny-in-00 of nsg-web
      ends by itself at 2026-11-21 12:58:00 UTC
      an attacker may hold until 12:02 UTC: Connections that stand go on
    entra-revoke-sessions: failed, network security group nsg-web
`);
    expect(page(NOW + 180_000)).not.toContain('an attacker may hold');
    const undone = { ...approved, steps: [{ ...DONE, state: 'undone' as const }] };
    expect(incidentPage(keptIncident(), [], [undone], NOW)).not.toMatch(/an attacker may hold|ends by itself/);
    expect(incidentPage(keptIncident(), [], [sampleResponse()], NOW)).toContain(
      '\n    0 of 1 approved; without an answer it ends at 2026-11-21 13:00:00 UTC\n',
    );
    expect(wholeLine(keptIncident(), [approved], NOW).responses).toMatchObject([
      {
        ...{ playbook: 'contain-address', mode: 'approve', state: 'active', incident: 'incident-5e1f0c2a' },
        approval: { answers: [{ by: { id: ann.id }, at: '2026-11-21T11:57:00.000Z' }] },
        steps: [
          {
            ...{ action: 'nsg-deny', state: 'verified', lease: '2026-11-21T12:58:00.000Z' },
            changes: [{ id: 'inbound', state: 'made', seen: { is: 'held' } }],
            residual: [{ until: '2026-11-21T12:02:00.000Z' }],
          },
          { state: 'failed', problem: 'no such user', residual: [] },
        ],
      },
    ]);
  });

  it('shows how many steps a story leaves out, and counts what there is too much of', () => {
    const [person] = SAMPLE.principals;
    const principals =
      person === undefined ? [] : [{ ...person, aliases: Array.from({ length: 30 }, (_, n) => `k${n}`) }];
    const story = [...SAMPLE.story, 'and 3 more steps of lesser weight'];
    const reasons = Array.from({ length: 205 }, () => ({ what: 'more', points: 1 }));
    const page = incidentPage(keptIncident({ incident: sampleIncident({ principals, story, reasons }) }), [], [], NOW);
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
    const page = incidentPage(
      keptIncident({ incident, history, reopened: hostile, merged: [hostile] }),
      [alert(TRAIL, hostile)],
      [sampleResponse({ title: hostile, playbook: hostile, steps: [{ ...DONE, problem: hostile }] })],
      NOW,
    );
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/u);
    expect(page).toContain('ann?[2J???');
  });
});
