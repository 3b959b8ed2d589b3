import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FakeAwsIamOptions } from '../../local/fakes/aws-iam.ts';
import type { ActionContext } from '../contract/action.ts';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import { awsStage, SETTING, SHOP } from '../../test/response/aws-stage.ts';
import { awsQuarantineRole } from './aws-quarantine-role/aws-quarantine-role.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const CONFIGURATION = `
response:
  aws:
    accounts:
      - account: '111122223333'
        region: eu-central-1
        roleArn: arn:aws:iam::111122223333:role/crosstrail-responder
        webIdentity: { audience: api://crosstrail-aws }
`;
const CLAIMS = {
  iss: 'https://sts.windows.net/00000000-0000-4000-8000-000000000001/',
  aud: 'api://crosstrail-aws',
  sub: '00000000-0000-4000-8000-000000000002',
};

/** As Entra makes them, without a signature that anything here would look at. */
const tokenOf = (claims: object): string =>
  ['{"alg":"none"}', JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

async function staged(claims: object, options: Partial<FakeAwsIamOptions> = {}) {
  const clock = new HurriedClock();
  const stage = await awsStage(
    { clock, checksCallers: true, ...SETTING, ...options },
    { configuration: CONFIGURATION },
  );
  onTestFinished(() => stage.iam.close());
  // No secret is anywhere: without the managed identity's token there is nothing to sign with.
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
  const asked: string[] = [];
  const context = (): ActionContext => {
    const given = stage.context();
    const azure = async () => ({
      ...(await given.connections.azure()),
      credential: {
        getToken: (scope: string | string[]) => {
          asked.push(String(scope));
          return Promise.resolve({ token: tokenOf(claims), expiresOnTimestamp: clock.now() + 3_600_000 });
        },
      },
    });
    return { ...given, deadline: clock.now() + 86_400_000, connections: { ...given.connections, azure } };
  };
  return { stage, clock, context, asked };
}

const plan = (context: ActionContext) => awsQuarantineRole.plan({ role: SHOP }, context);

describe('a session in an account of AWS', () => {
  it('is had for a token of the managed identity, with no stored secret, and named after the step', async () => {
    const { stage, context, asked } = await staged(CLAIMS);
    const given = context();
    await Promise.all([plan(given), plan(given)]);
    expect(asked).toEqual(['api://crosstrail-aws/.default']);
    expect(stage.iam.sessions).toMatchObject([{ name: 'crosstrail-0123456789ab' }]);
  });

  it('is renewed before it ends, with a new token', async () => {
    const { stage, clock, context, asked } = await staged(CLAIMS);
    const given = context();
    // Clients of the SDK keep credentials too, by the machine's time.
    vi.useFakeTimers({ toFake: ['Date'], now: clock.now() });
    await plan(given);
    await clock.wait(56 * 60_000);
    vi.setSystemTime(clock.now());
    await plan(given);
    expect(asked).toHaveLength(2);
    expect(stage.iam.sessions).toHaveLength(2);
  });

  it.each([
    [
      'issuer',
      { ...CLAIMS, iss: 'https://sts.windows.net/00000000-0000-4000-8000-000000000009/' },
      'issuer of the token',
    ],
    ['audience', { ...CLAIMS, aud: 'api://another' }, 'audience'],
    ['subject', { ...CLAIMS, sub: '00000000-0000-4000-8000-000000000009' }, 'conditions on aud and sub'],
  ])('says what to check where the %s is another', async (_what, claims, advice) => {
    const { context } = await staged(claims);
    const refusal = await plan(context()).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'ActionError', kind: 'forbidden' });
    const { message } = refusal as Error;
    expect(message).toContain(advice);
    expect(message).toContain(`iss ${claims.iss}, aud ${claims.aud}, sub ${claims.sub}`);
    expect(message).not.toContain(tokenOf(claims));
  });

  it('is busy where STS cannot reach Entra', async () => {
    const { stage, context } = await staged(CLAIMS);
    const text =
      '<ErrorResponse><Error><Type>Sender</Type><Code>IDPCommunicationError</Code><Message>no</Message></Error></ErrorResponse>';
    stage.iam.fail({ times: Infinity, answer: { status: 400, text, headers: { 'content-type': 'text/xml' } } });
    await expect(plan(context())).rejects.toMatchObject({ kind: 'busy' });
  });

  it('keeps the token out of what STS repeats of it', async () => {
    const { stage, context } = await staged(CLAIMS);
    const text = `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Value '${tokenOf(CLAIMS)}' at 'webIdentityToken' is too long</Message></Error></ErrorResponse>`;
    stage.iam.fail({ times: Infinity, answer: { status: 400, text, headers: { 'content-type': 'text/xml' } } });
    const { message } = await plan(context()).then(
      () => new Error('it was planned'),
      (error: unknown) => error as Error,
    );
    expect(message).toContain("Value '(the token)' at 'webIdentityToken'");
    expect(message).not.toContain(tokenOf(CLAIMS).split('.')[0]);
    expect(message).not.toContain('tried again');
  });

  it('is asked for anew where it failed before', async () => {
    const { stage, context } = await staged(CLAIMS);
    const given = { ...context(), deadline: 0 };
    await expect(plan(given)).rejects.toMatchObject({ kind: 'busy' });
    await expect(plan({ ...given, deadline: Infinity })).resolves.toBeDefined();
    expect(stage.iam.writes).toEqual([]);
  });
});
