import { describe, expect, it } from 'vitest';
import { upnKey } from '../timeline/entity-keys.ts';
import { NO_TRUSTS } from '../timeline/identity/trust.ts';
import { Identities } from './identities.ts';
import { credential, KEY, linkBetween, MARA, observation, SESSION } from './observation-samples.ts';

const issued = linkBetween('issued-credential', MARA, KEY);
const ROLE = 'aws:arn:aws:sts::111122223333:assumed-role/deploy/run';
/** What a role session did with the credential. */
const withKey = observation('1', 0, {
  principal: ROLE,
  entities: [{ kind: 'role-session', key: ROLE, part: 'actor' }, credential(KEY)],
});

describe('Identities', () => {
  it('says which observations are another’s when a link is learned, each time once', () => {
    const identities = new Identities();
    identities.note(withKey);
    identities.note(observation('2', 1, { principal: upnKey('other@contoso.example'), entities: [] }));
    expect(identities.takeChanges()).toEqual({ keys: [], observations: new Set() });
    identities.learn([issued]);
    const { keys, observations } = identities.takeChanges();
    expect(keys).toContain(KEY);
    expect([...observations]).toEqual([withKey.id]);
    expect(identities.takeChanges().keys).toEqual([]);
    expect(identities.principalOf(withKey)).toBe(MARA);
    expect(identities.resolve(KEY)).toBe(MARA);
    expect(identities.aliasesOf(MARA)).toEqual([KEY]);
    expect(identities.resolve(SESSION)).toBe(SESSION);
  });

  it('gives links once, whatever they were learned from, and none of the directory', () => {
    const identities = new Identities({ links: [issued], trusts: NO_TRUSTS, entries: 1 });
    expect(identities.resolve(KEY)).toBe(MARA);
    expect(identities.takeFresh()).toEqual([]);
    const session = linkBetween('session', MARA, SESSION);
    identities.learn([session, { ...session, evidence: { ...session.evidence, eventId: 'entra/other' } }]);
    expect(identities.takeFresh()).toEqual([session]);
    expect(identities.takeFresh()).toEqual([]);
    expect(identities.size).toBe(1);
  });

  it('reads no observation again that is forgotten', () => {
    const identities = new Identities();
    identities.note(withKey);
    identities.forget(withKey);
    identities.learn([issued]);
    expect([...identities.takeChanges().observations]).toEqual([]);
  });

  it('takes names from the earliest observation that is held, in whatever order they come', () => {
    const named = (id: string, minutes: number, label: string) =>
      observation(id, minutes, { entities: [{ kind: 'user', key: MARA, part: 'target', label }] });
    const [early, late] = [named('1', 0, 'Mara'), named('2', 5, 'Forged')];
    for (const order of [
      [early, late],
      [late, early],
    ]) {
      const identities = new Identities();
      for (const one of order) identities.note(one);
      expect(identities.labelOf(MARA)).toBe('Mara');
      identities.forget(early);
      expect(identities.labelOf(MARA)).toBe('Forged');
      identities.forget(late);
      expect(identities.labelOf(MARA)).toBeUndefined();
    }
    expect(new Identities().labelOf('__proto__')).toBeUndefined();
  });
});
