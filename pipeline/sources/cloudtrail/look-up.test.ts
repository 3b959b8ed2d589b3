import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../platform/clock.ts';
import { FakeCloudTrail, type FakeEvent } from '../../../test/fakes/cloudtrail.ts';
import { lookUp, type LookedUp, type LookUpResult } from './look-up.ts';

const NINE = Date.UTC(2026, 10, 20, 9);
const HOUR = 3_600_000;
const ACCOUNT = '111122223333';
const WINDOW = { from: NINE - HOUR, to: NINE + HOUR };
const KEY = 'AKIAINVENTED00000001';

let clock: ManualClock;
let service: FakeCloudTrail;
let end: AbortController;

beforeEach(async () => {
  clock = new ManualClock(NINE);
  end = new AbortController();
  service = await FakeCloudTrail.start(clock);
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: service.url,
    AWS_ACCESS_KEY_ID: 'AKIACONTOSO',
    AWS_SECRET_ACCESS_KEY: 'invented',
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
  })) {
    vi.stubEnv(name, value);
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await service.close();
});

/** Lets time pass as long as somebody waits for it. */
async function look(wanted: Partial<LookedUp>, regions = ['us-east-1']): Promise<LookUpResult> {
  const state = { isDone: false };
  const targets = regions.map((region) => ({ account: ACCOUNT, region }));
  const work = lookUp({ accessKeys: [], arns: [], awsUserNames: [], ...wanted }, WINDOW, {
    targets,
    clock,
    signal: end.signal,
  }).finally(() => (state.isDone = true));
  while (!state.isDone) {
    if (clock.waiting > 0) clock.advance(100);
    await new Promise(setImmediate);
  }
  return work;
}

const call = (id: string, more: Partial<FakeEvent> = {}): FakeEvent => ({
  id,
  time: NINE,
  accessKeyId: KEY,
  username: 'ci',
  record: {
    eventName: 'CreateAccessKey',
    eventSource: 'iam.amazonaws.com',
    userIdentity: {
      type: 'IAMUser',
      arn: `arn:aws:iam::${ACCOUNT}:user/ci`,
      accountId: ACCOUNT,
      accessKeyId: KEY,
      userName: 'ci',
    },
    sourceIPAddress: '203.0.113.9',
  },
  ...more,
});

describe('looking up somebody in CloudTrail', () => {
  it('gives events by access key, user name and role session, each once', async () => {
    service.add(
      ACCOUNT,
      'us-east-1',
      call('a'),
      call('b', { accessKeyId: 'ASIAOTHER', username: 'ann@contoso.example' }),
    );
    service.add(ACCOUNT, 'us-east-1', call('c', { accessKeyId: 'ASIAOTHER', username: 'bob' }));
    const { events, problems } = await look({
      accessKeys: [KEY],
      awsUserNames: ['ci'],
      arns: [`arn:aws:sts::${ACCOUNT}:assumed-role/deploy/ann@contoso.example`],
    });
    expect(events.map(({ recordId }) => recordId).sort()).toEqual(['a', 'b']);
    expect(events[0]).toMatchObject({ source: 'cloudtrail', principal: `aws:arn:aws:iam::${ACCOUNT}:user/ci` });
    expect(problems).toEqual([]);
    expect(service.seen.map(({ attribute }) => attribute)).toEqual([
      `AccessKeyId=${KEY}`,
      'Username=ci',
      'Username=ann@contoso.example',
    ]);
    expect(service.throttled).toBe(0);
  });

  it('asks after a session only in the account that it is of, and not at all where there is nobody to ask after', async () => {
    await look({ arns: ['arn:aws:sts::444455556666:assumed-role/deploy/ann', `arn:aws:iam::${ACCOUNT}:role/deploy`] });
    expect(service.seen).toEqual([]);
  });

  it('asks in every region, and says where only part was read', async () => {
    service.add(
      ACCOUNT,
      'eu-central-1',
      ...Array.from({ length: 60 }, (_, at) => call(`e${at}`, { time: NINE - at * 1000 })),
    );
    const { events, problems } = await look({ accessKeys: [KEY] }, ['us-east-1', 'eu-central-1']);
    expect(events).toHaveLength(50);
    expect(problems).toEqual([
      `CloudTrail, AWS account ${ACCOUNT} in eu-central-1: only the latest 50 events of ${KEY}`,
    ]);
  });

  it('waits where the service is busy, and says where it is not let in', async () => {
    service.add(ACCOUNT, 'us-east-1', call('a'));
    service.failure = () => (service.seen.length < 2 ? { status: 400, type: 'ThrottlingException' } : undefined);
    expect((await look({ accessKeys: [KEY] })).events).toHaveLength(1);
    service.failure = () => ({ status: 400, type: 'AccessDeniedException' });
    expect((await look({ accessKeys: [KEY] })).problems[0]).toContain('cloudtrail:LookupEvents');
  });

  it('asks about nothing that has not happened yet', async () => {
    await look({ accessKeys: [KEY] });
    expect(service.seen).toMatchObject([{ start: WINDOW.from / 1000, end: NINE / 1000 }]);
  });

  it('stops when there is no time left', async () => {
    end.abort();
    const { events, problems } = await look({ accessKeys: [KEY] });
    expect(events).toEqual([]);
    expect(problems).toEqual([`CloudTrail, AWS account ${ACCOUNT} in us-east-1: no time was left to ask`]);
  });

  it('asks after a few, and says so', async () => {
    const accessKeys = Array.from({ length: 20 }, (_, at) => `AKIAINVENTED${String(at).padStart(8, '0')}`);
    const { problems } = await look({ accessKeys });
    expect(service.seen).toHaveLength(6);
    expect(problems).toEqual(['CloudTrail: asked after 6 of 20 ids']);
  });

  it('asks in a few accounts and regions, and says so', async () => {
    const regions = Array.from({ length: 10 }, (_, at) => `us-east-${at + 1}`);
    const { problems } = await look({ accessKeys: [KEY] }, regions);
    expect(service.seen).toHaveLength(8);
    expect(problems).toEqual(['CloudTrail: asked in 8 of 10 accounts and regions']);
    expect((await look({}, regions)).problems).toEqual([]);
  });
});
