import { awsClientIdentity } from '../../platform/aws/credentials.ts';
import { keptCredentials } from '../../platform/aws/kept-credentials.ts';
import { assumeWithWebIdentity } from '../../platform/aws/web-identity.ts';
import type { AwsAccountSettings } from '../../platform/configuration/response/aws.ts';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';
import type { Connections } from '../contract/connections.ts';
import { ask } from './ask.ts';

/** An account of AWS, as one step of a response acts in it. */
export interface AwsSession {
  readonly account: string;
  /** The role that is acted as, where one is configured. */
  readonly roleArn: string | undefined;
  /** The ARN of who acts; of a role that is taken, of its session. */
  readonly caller: string;
  /** What clients of the SDK are made with; `region` where the thing itself names none. */
  readonly options: { readonly region: string } & Readonly<Record<string, unknown>>;
}

/** The SDK's own retries are off: `ask` retries by the clock of the work, and within its deadline. */
const CLIENT = { maxAttempts: 1, requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 } };
/** More steps at once than one process works on; the oldest is forgotten beyond. */
const MOST_SESSIONS = 100;
const SESSIONS = new WeakMap<Connections, Map<string, Promise<AwsSession>>>();

/**
 * The session of a step in an account. Its name begins with `crosstrail-` and ends in the first 12 digits of the step, so that CloudTrail tells which response did what. The credentials
 * were seen to be of that account: a name of a user says nothing of whose it is.
 * @throws ActionError of kind `unsuitable` where the configuration does not name the account
 */
export async function awsSession(context: ActionContext, account: string): Promise<AwsSession> {
  const { connections, step } = context;
  const settings = connections.settings.aws.accounts.find(({ account: digits }) => digits === account);
  if (settings === undefined) {
    throw new ActionError(
      'unsuitable',
      `nothing is done in the account ${account}: it is not among response.aws.accounts of crosstrail.yaml`,
    );
  }
  const sessions = SESSIONS.get(connections) ?? new Map<string, Promise<AwsSession>>();
  SESSIONS.set(connections, sessions);
  const key = `${account}/${step}`;
  const opened = sessions.get(key) ?? open(context, settings);
  sessions.set(key, opened);
  const [oldest] = sessions.keys();
  if (sessions.size > MOST_SESSIONS && oldest !== undefined) sessions.delete(oldest);
  return opened.catch((error: unknown) => {
    sessions.delete(key);
    throw error;
  });
}

async function open(context: ActionContext, settings: AwsAccountSettings): Promise<AwsSession> {
  const { account, region, roleArn } = settings;
  const options = { region, ...CLIENT, ...(await identityOf(context, settings)) };
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const sts = new STSClient(options);
  try {
    const { Account, Arn = '' } = await ask(
      context,
      { permission: 'sts:GetCallerIdentity', what: `credentials for ${account}` },
      (to) => sts.send(new GetCallerIdentityCommand(), to),
    );
    if (Account !== account) {
      throw new ActionError(
        'unsuitable',
        `the credentials for the account ${account} are of ${Account ?? 'another'}: check roleArn and profile of response.aws.accounts in crosstrail.yaml`,
      );
    }
    return { account, roleArn, caller: Arn, options };
  } finally {
    sts.destroy();
  }
}

async function identityOf({ clock, connections, step }: ActionContext, settings: AwsAccountSettings) {
  const sessionName = `crosstrail-${step.slice(0, 12)}`;
  const { region, roleArn, webIdentity } = settings;
  if (webIdentity === undefined || roleArn === undefined) {
    const identity = await awsClientIdentity(settings, sessionName);
    const { credentials } = identity;
    return { ...identity, ...(credentials !== undefined && { credentials: keptCredentials(clock, credentials) }) };
  }
  const token = async (): Promise<string> => {
    const { credential } = await connections.azure();
    const found = await credential.getToken(`${webIdentity.audience}/.default`);
    if (found === null) throw new Error(`no token for ${webIdentity.audience} was given`);
    return found.token;
  };
  const assume = () => assumeWithWebIdentity({ region, roleArn, sessionName, token });
  return { credentials: keptCredentials(clock, assume) };
}
