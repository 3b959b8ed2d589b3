import type { EventRule, Json, RuleTools } from '../../pipeline/detection/event-rule.ts';

/** Lists of a policy that only ever let somebody or something past it. */
const EXCLUSIONS = [
  'users.excludeUsers',
  'users.excludeGroups',
  'users.excludeRoles',
  'applications.excludeApplications',
  'locations.excludeLocations',
];

/** What a policy asks for, each worth nothing where it is gone. */
const CONTROLS = [
  'grantControls.builtInControls',
  'grantControls.customAuthenticationFactors',
  'grantControls.authenticationStrength.id',
];

/** Whether a policy that was and stays in force asks for less than before, or lets more past it. */
function loosened(before: Json | undefined, after: Json | undefined, { values }: RuleTools): boolean {
  const inForce = (policy: Json | undefined): boolean => values(policy, 'state').includes('enabled');
  /** Whether one list has a member that the other has not. */
  const more = (one: Json | undefined, other: Json | undefined, path: string): boolean => {
    const known = new Set(values(other, path));
    return values(one, path).some((member) => member !== null && !known.has(member));
  };
  return (
    inForce(before) &&
    inForce(after) &&
    (EXCLUSIONS.some((path) => more(after, before, `conditions.${path}`)) ||
      CONTROLS.some((path) => more(before, after, path)))
  );
}

export default {
  title: 'Conditional access policy loosened',
  id: '3b8c7f52-5d0e-4c1b-8f6a-2e94b7d1a0c6',
  status: 'test',
  description:
    'A conditional access policy stays on, and now leaves out a user, group, role, application or place that it covered, or ' +
    'no longer asks for one of its controls. It looks as strict as before on the list of policies, while the account that the ' +
    'attacker holds needs no second factor.',
  author: 'Crosstrail',
  date: '2026-11-21',
  references: ['https://learn.microsoft.com/entra/identity/conditional-access/troubleshoot-policy-changes-audit-log'],
  tags: ['attack.persistence', 'attack.credential-access', 'attack.t1556.009'],
  falsepositives: [
    'A break-glass account, or an account for synchronisation, that is left out of a new policy.',
    'A control that is replaced by a stronger one, such as multifactor authentication by an authentication strength.',
  ],
  level: 'medium',
  decision: 'warn',
  owner: 'identity',
  group: ['principal', 'properties.targetResources.id'],
  window: '1d',
  logsource: { product: 'azure', service: 'auditlogs' },
  classes: [3004],
  matches({ ocsf }, record, tools) {
    if (ocsf.api?.operation.toLowerCase() !== 'update conditional access policy' || ocsf.status_id !== 1) return false;
    const { values, document } = tools;
    return values(record, 'properties.targetResources.modifiedProperties').some((property) => {
      const [before] = values(property, 'oldValue');
      const [after] = values(property, 'newValue');
      return loosened(document(before), document(after), tools);
    });
  },
} satisfies EventRule<3004>;
