import { describe, expect, it } from 'vitest';
import { classifyActivity, entityActivity } from './audit-activities.ts';

const typeOf = (name: string): unknown => {
  const activity = classifyActivity(name);
  return activity.kind === 'entity' ? `entity ${activity.activity_id ?? '?'}` : activity.class.type_uid;
};

describe('classifyActivity', () => {
  it.each([
    ['Add user', 300101],
    ['  DISABLE ACCOUNT ', 300105],
    ['Create Temporary Access Pass method for user', 300110],
    ['User deleted security info', 300111],
    ['Add group', 300606],
    ['Add owner to group', 300601],
    ['Add member to role', 300501],
    ['Add eligible member to role', 300501],
    ['Add member to role outside of PIM (permanent)', 300501],
    ['Add member to role completed (PIM activation)', 300501],
    ['Add member to role requested (PIM activation)', 300599],
    ['Add member to role request denied (PIM activation)', 300599],
    ['Remove member from role (PIM activation expired)', 300502],
    ['Remove permanent eligible role assignment', 300502],
    ['Assigns the caller to user access admin', 300501],
    ['Add app role assignment to service principal', 300501],
    ['Remove delegated permission grant', 300502],
    ['Consent to application', 300501],
    ['Remove owner from application', 300502],
    ['Add service principal credentials', 'entity 3'],
    ['Add registered owner to device', 'entity 3'],
    ['Add service principal', 'entity 1'],
    ['Hard Delete application', 'entity 4'],
    ['Reveal local administrator password', 'entity 2'],
    ['Register device', 'entity 6'],
    ['PIM policy removed', 'entity ?'],
    ['constructor', 'entity ?'],
    ['', 'entity ?'],
  ])('%j is %s', (name, expected) => {
    expect(typeOf(name)).toBe(expected);
  });

  it.each(['–', '-', '—', '‑', '−'])('knows one activity with any dash (%s)', (dash) => {
    expect(classifyActivity(`Fraud reported ${dash} user is blocked for MFA`)).toMatchObject({
      class: { type_uid: 300109 },
    });
  });

  it('of a hostile name takes no more than its time', () => {
    const start = performance.now();
    for (let i = 0; i < 100; i++) classifyActivity(`${'member assignment '.repeat(50_000)}${i}`);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('entityActivity', () => {
  it.each([
    [3, 'Add', 3],
    [undefined, 'Add', 1],
    [undefined, 'Assign', 3],
    [undefined, 'Delete', 4],
    [undefined, 'toString', 99],
    [undefined, 7, 99],
  ] as const)('of a name that says %s and the type %s is %i', (named, operationType, expected) => {
    expect(entityActivity(named, operationType)).toBe(expected);
  });
});
