import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import { approvalSection } from '../platform/configuration/response/approval.ts';
import { responseSection } from '../platform/configuration/response.ts';
import { NOW, sampleResponse } from '../pipeline/response/approval/response-samples.ts';
import { LoopbackServer } from '../test/fakes/loopback-server.ts';
import { askingPeople } from './ask-people.ts';

const VARIABLES = ['CROSSTRAIL_APPROVAL_KEY', 'SLACK_WEBHOOK'] as const;

let slack: LoopbackServer;
let status: number;
const posted: { path: string | undefined; body: string }[] = [];
const logged: string[] = [];
beforeEach(async () => {
  [posted.length, logged.length, status] = [0, 0, 200];
  slack = new LoopbackServer(async (request, answer) => {
    posted.push({ path: request.url, body: (await Array.fromAsync(request)).join('') });
    answer.writeHead(status).end('ok');
  });
  await slack.listen();
  process.env['CROSSTRAIL_APPROVAL_KEY'] = 'invented-key-of-a-test-0123456789abcdef';
  process.env['SLACK_WEBHOOK'] = `${slack.url}/services/T0123456789/B1/hidden`;
});
afterEach(async () => {
  await slack.close();
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
});

function ask({ webhook = true, pages = true } = {}) {
  const approval = approvalSection.parse({
    ...(pages ? { baseUrl: 'https://contoso-crosstrail.azurewebsites.net' } : {}),
    slack: {
      ...{ team: 'T0123456789', signingSecretVariable: 'SLACK_SIGNING_SECRET', hooks: slack.url },
      ...(webhook ? { webhookVariable: 'SLACK_WEBHOOK' } : {}),
    },
  });
  const log = (_level: string, text: string): void => void logged.push(text);
  const response = { ...responseSection.parse({}), approval };
  return askingPeople({ response }, { log, clock: new ManualClock(NOW) })(sampleResponse());
}

it('tells the log and Slack, with a link and buttons that are good for the request', async () => {
  await ask();
  const [link = '', token = ''] =
    /https:\/\/contoso-crosstrail\.azurewebsites\.net\/api\/approvals\/\S+token=(\S+)/.exec(logged[0] ?? '') ?? [];
  expect(posted).toEqual([
    { path: '/services/T0123456789/B1/hidden', body: expect.stringContaining(`"value":"${token}"`) as string },
  ]);
  expect(posted[0]?.body).toContain(`"url":"${link}"`);
  expect(logged).toHaveLength(1);
});

it('asks in Slack without the address of the pages too, and nowhere but where it is configured', async () => {
  await ask({ pages: false });
  expect(posted[0]?.body).toContain('crosstrail-approve');
  expect(posted[0]?.body).not.toContain('crosstrail-open');
  await ask({ webhook: false });
  expect(posted).toHaveLength(1);
});

it('tells Slack later where it is away, and says why without the address', async () => {
  status = 503;
  await expect(ask()).rejects.toMatchObject({ kind: 'busy' });
  expect(logged[1]).toContain('Slack answered with status 503');
  expect(logged[1]).not.toContain('hidden');
});

it.each(['', 'https://hooks.fabrikam.example/services/hidden', 'not an address'])(
  'posts to no other address: "%s"',
  async (address) => {
    process.env['SLACK_WEBHOOK'] = address;
    await expect(ask()).rejects.toMatchObject({ kind: 'busy' });
    expect(posted).toEqual([]);
    expect(logged[1]).toContain('SLACK_WEBHOOK');
    expect(logged[1]).not.toContain('hidden');
  },
);
