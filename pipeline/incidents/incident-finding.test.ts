import { expect, it } from 'vitest';
import { violations } from '../timeline/ocsf/validate.ts';
import { incidentFinding } from './incident-finding.ts';
import { incidentOf } from './incident-of.ts';
import { alertOf, groupOf, namesOf, observation, signIn, START } from './story-samples.ts';

const incident = incidentOf(
  groupOf([
    alertOf([signIn(START)], { rule: 'a', severity: 'critical', techniques: ['T1566.002', 'T9999'] }),
    alertOf([observation('cloudtrail', 'StopLogging')], { rule: 'b', techniques: ['T1685.002'] }),
  ]),
  namesOf(),
);
if (incident === undefined) throw new Error('the sample is no incident');

it('is a valid Incident Finding, in every state', () => {
  expect(violations(incidentFinding(incident))).toEqual([]);
  expect(violations(incidentFinding(incident, { state: 'acknowledged', group: 'identity' }))).toEqual([]);
  for (const verdict of ['true-positive', 'benign', 'false-positive'] as const)
    expect(violations(incidentFinding(incident, { state: 'closed', verdict }))).toEqual([]);
});

it('carries the attack graph, the story, ATT&CK and the alerts', () => {
  const finding = incidentFinding(incident);
  const [whole, ...alerts] = finding.finding_info_list;
  expect(finding).toMatchObject({
    class_uid: 2005,
    status_id: 1,
    assignee_group: { name: 'on-call' },
    desc: incident.story.join('\n'),
  });
  expect(whole?.attack_graph?.nodes.map(({ name }) => name)).toContain('ann@contoso.example');
  expect(whole?.attack_graph?.edges).toHaveLength(incident.graph.edges.length);
  expect(whole?.kill_chain?.map(({ phase_id }) => phase_id)).toEqual([3, 5]);
  expect(alerts.map(({ uid }) => uid)).toEqual(incident.alertIds);
  expect(finding.attacks).toContainEqual({
    version: '19',
    technique: { uid: 'T1566', name: 'Phishing' },
    sub_technique: { uid: 'T1566.002', name: 'Spearphishing Link' },
  });
  expect(finding.attacks).toContainEqual({ version: '19', tactic: { uid: 'TA0001', name: 'Initial Access' } });
});

it('says how far people are with it', () => {
  expect(incidentFinding(incident, { state: 'closed', verdict: 'benign' })).toMatchObject({
    activity_id: 3,
    type_uid: 200503,
    status_id: 5,
    verdict_id: 5,
    is_suspected_breach: false,
  });
});
