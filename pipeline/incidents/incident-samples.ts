/** Incidents made up for tests: a phished person whose attacker goes on to AWS, with all that an incident can say. */
import type { Incident } from '../timeline/incident.ts';

const MINUTE = 60_000;
/** 2026-11-20 09:00 UTC. */
const START = Date.UTC(2026, 10, 20, 9);

const TENANT = '00000000-0000-4000-8000-00000000aaaa';
const ANN = `entra-user:${TENANT}/00000000-0000-4000-8000-0000000000a1`;
const KEY = 'aws-key:ASIACONTOSO000000001';
const ROLE = 'aws:arn:aws:iam::111122223333:role/deploy';
const TRAIL = 'aws:arn:aws:cloudtrail:eu-central-1:111122223333:trail/main';
const SIGN_IN_ALERT = 'alert-00000000000000000000000000000001';
const TRAIL_ALERT = 'alert-00000000000000000000000000000002';

const sample: Incident = {
  id: 'incident-5e1f0c2a9b8d4e7f8a6b5c4d3e2f1a0b',
  title: 'ann@contoso.example: from a device-code sign-in in Entra to a trail stopped in AWS',
  severity: 'critical',
  score: 92,
  reasons: [
    { what: 'a critical and a high alert', points: 62 },
    { what: 'three tactics', points: 15 },
    { what: 'two clouds', points: 15 },
  ],
  decision: 'block',
  grounds: { points: 60, critical: true, counted: false },
  principals: [{ id: ANN, label: 'ann@contoso.example', kind: 'person', aliases: [KEY, 'upn:ann@contoso.example'] }],
  clouds: ['Microsoft Entra', 'AWS'],
  sources: ['entra', 'cloudtrail'],
  techniques: ['T1566.002', 'T1078.004', 'T1685.002'],
  tactics: ['initial-access', 'persistence', 'stealth'],
  firstSeen: START,
  lastSeen: START + 42 * MINUTE,
  steps: [
    {
      time: START,
      last: START,
      count: 1,
      source: 'entra',
      principal: ANN,
      text: 'ann@contoso.example signed in to Microsoft Azure CLI with a device code from 203.0.113.7 (AS64500, NL)',
      eventIds: ['sign-in-1'],
      alertIds: [SIGN_IN_ALERT],
      techniques: ['T1566.002', 'T1078.004'],
    },
    {
      time: START + 30 * MINUTE,
      last: START + 30 * MINUTE,
      count: 1,
      source: 'cloudtrail',
      principal: ANN,
      text: 'ann@contoso.example took the role deploy in account 111122223333 by AssumeRoleWithWebIdentity',
      eventIds: ['assume-1'],
      alertIds: [],
      techniques: [],
    },
    {
      time: START + 40 * MINUTE,
      last: START + 42 * MINUTE,
      count: 3,
      source: 'cloudtrail',
      principal: ANN,
      text: 'ann@contoso.example did StopLogging to the trail main, from 203.0.113.7, 3 times until 09:42:00',
      eventIds: ['stop-1', 'stop-2', 'stop-3'],
      alertIds: [TRAIL_ALERT],
      techniques: ['T1685.002'],
    },
  ],
  story: [
    '2026-11-20 09:00:00  ann@contoso.example signed in to Microsoft Azure CLI with a device code from 203.0.113.7 (AS64500, NL)',
    '2026-11-20 09:30:00  ann@contoso.example took the role deploy in account 111122223333 by AssumeRoleWithWebIdentity',
    '2026-11-20 09:40:00  ann@contoso.example did StopLogging to the trail main, from 203.0.113.7, 3 times until 09:42:00',
  ],
  graph: {
    nodes: [
      { id: ANN, label: 'ann@contoso.example', kind: 'principal' },
      { id: KEY, label: 'ASIACONTOSO000000001', kind: 'credential' },
      { id: ROLE, label: 'deploy', kind: 'resource' },
      { id: TRAIL, label: 'main', kind: 'resource' },
    ],
    edges: [
      { from: ANN, to: ROLE, label: 'assumed', time: START + 30 * MINUTE },
      { from: KEY, to: TRAIL, label: 'StopLogging', time: START + 40 * MINUTE },
    ],
  },
  joins: [{ alerts: [SIGN_IN_ALERT, TRAIL_ALERT], by: 'principal', key: ANN }],
  alertIds: [SIGN_IN_ALERT, TRAIL_ALERT],
  eventIds: ['sign-in-1', 'assume-1', 'stop-1', 'stop-2', 'stop-3'],
};

/** A cross-cloud incident of two alerts, other than it says in what is given. */
export const sampleIncident = (other: Partial<Incident> = {}): Incident => ({ ...sample, ...other });
