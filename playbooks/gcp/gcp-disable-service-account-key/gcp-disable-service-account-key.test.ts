import { afterEach, describe, expect, it } from 'vitest';
import { FakeGoogleIam, type FakeGoogleOptions } from '../../../local/fakes/google-iam.ts';
import { actionContext } from '../../../test/response/action-context.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Change } from '../../contract/action.ts';
import { disableServiceAccountKey as action } from './gcp-disable-service-account-key.ts';

const ACCOUNT = 'deployer@contoso-shop.iam.gserviceaccount.com';
const KEY = '0123456789abcdef0123456789abcdef01234567';
const NAME = `projects/contoso-shop/serviceAccounts/${ACCOUNT}/keys/${KEY}`;
const PARAMETERS = { serviceAccount: ACCOUNT, key: KEY };
const FEDERATION =
  'federation: { audience: //iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/azure/providers/entra, ' +
  'scope: api://crosstrail/.default, serviceAccount: crosstrail@contoso-security.iam.gserviceaccount.com }';

const fakes: FakeGoogleIam[] = [];
afterEach(() => Promise.all(fakes.splice(0).map((fake) => fake.close())));

async function stage(options: Partial<FakeGoogleOptions> = {}, auth = FEDERATION, clock: Clock = new HurriedClock()) {
  const fake = new FakeGoogleIam({ keys: [{ name: NAME }], ...options });
  await fake.listen();
  const at = `'${fake.url}'`;
  const configuration = `response: { gcp: { endpoints: { iam: ${at}, sts: ${at}, iamCredentials: ${at} }, ${auth} } }`;
  const secrets = { GOOGLE_TOKEN: 'from-the-environment' };
  return { fake, fakes: [fake], context: () => actionContext({ configuration, clock, secrets }) };
}

async function staged(...options: Parameters<typeof stage>) {
  const made = await stage(...options);
  fakes.push(made.fake);
  return made;
}

async function planned({ context }: Awaited<ReturnType<typeof stage>>): Promise<Change> {
  const [change] = (await action.plan(PARAMETERS, context())).changes;
  if (change === undefined) throw new Error('no change');
  return change;
}

describeContract(action, {
  parameters: PARAMETERS,
  start: async (clock) => {
    const made = await stage({}, FEDERATION, clock);
    return { ...made, state: () => made.fake.keys.map(({ disabled = false }) => disabled) };
  },
  hostile: [
    { ...PARAMETERS, key: `${KEY}:enable` },
    { ...PARAMETERS, key: '..' },
    { ...PARAMETERS, serviceAccount: 'a@b/../c.gserviceaccount.com' },
    { ...PARAMETERS, serviceAccount: `${'a'.repeat(4096)}@contoso-shop.iam.gserviceaccount.com` },
    { ...PARAMETERS, serviceAccount: 'mia@contoso.example' },
  ],
});

describe('disabling a key', () => {
  it('names the project, and acts by a token that Google gave for that of Entra', async () => {
    const made = await staged();
    await action.execute(await planned(made), made.context());
    expect(made.fake.keys).toEqual([{ name: NAME, disabled: true }]);
    expect(made.fake.requests.at(-1)).toBe(`POST /v1/${NAME}:disable`);
  });

  it('tells guards whose key it is', async () => {
    const { subjects, target } = await action.plan(PARAMETERS, (await staged()).context());
    expect(target.id).toBe(NAME);
    expect(subjects).toMatchObject([
      { kind: 'principal', keys: [ACCOUNT] },
      { kind: 'resource', key: NAME },
    ]);
  });

  it('takes a token of the environment, and puts it into no message', async () => {
    const made = await staged({ token: 'another' }, 'tokenVariable: GOOGLE_TOKEN');
    const refused = await action.plan(PARAMETERS, made.context()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: 'forbidden' });
    expect(String(refused)).not.toContain('from-the-environment');
    const taken = await staged({ token: 'from-the-environment' }, 'tokenVariable: GOOGLE_TOKEN');
    expect((await planned(taken)).before).toEqual({ disabled: false });
  });

  it.each([
    ['tokenVariable: NOT_SET', 'failed', 'NOT_SET'],
    ['', 'input', 'neither federation nor tokenVariable'],
  ])('says what is not configured: %s', async (auth, kind, message) => {
    const made = await staged({}, auth);
    await expect(action.plan(PARAMETERS, made.context())).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message) as string,
    });
    expect(made.fake.requests).toEqual([]);
  });

  it('leaves a key alone that is disabled already', async () => {
    const made = await staged({ keys: [{ name: NAME, disabled: true }] });
    expect((await action.plan(PARAMETERS, made.context())).changes).toEqual([]);
  });

  it.each([
    [{ keys: [] }, 'absent'],
    [{ keys: [{ name: NAME, type: 'SYSTEM_MANAGED' as const }] }, 'unsuitable'],
    [{ may: () => false }, 'forbidden'],
  ])('refuses %j', async (options, kind) => {
    await expect(action.plan(PARAMETERS, (await staged(options)).context())).rejects.toMatchObject({ kind });
  });

  it('sees a key that was deleted since', async () => {
    const made = await staged();
    const change = await planned(made);
    made.fake.fail({ when: ({ path }) => path.includes('/keys/'), answer: { status: 404, body: {} } });
    expect(await action.verify(change, made.context())).toMatchObject({ is: 'changed' });
  });

  it('tells which permission is missing', async () => {
    const made = await staged({ may: (permission) => permission !== 'iam.serviceAccountKeys.disable' });
    await expect(action.execute(await planned(made), made.context())).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('iam.serviceAccountKeys.disable is missing') as string,
    });
  });

  it('does not know the project of every address', async () => {
    const account = '123456789012-compute@developer.gserviceaccount.com';
    const made = await staged({ keys: [{ name: `projects/contoso-shop/serviceAccounts/${account}/keys/${KEY}` }] });
    const { changes } = await action.plan({ serviceAccount: account, key: KEY }, made.context());
    expect(changes[0]?.target.id).toBe(`projects/-/serviceAccounts/${account}/keys/${KEY}`);
  });
});
