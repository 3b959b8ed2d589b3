/**
 * IAM and STS of one account as responses use them (query protocol, XML): pages, throttling by `fail`, limits of size, roles that cannot be edited, sessions that end, and changes that are seen
 * late: for some seconds all that reads, and all that decides whether a request is allowed, goes by an older state, so that an attacker may act in between.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html (changes are not always immediately visible)
 */
import type { Clock } from '../../platform/clock.ts';
import { objectOf, parseJson, textOf, arrayOf, type JsonObject } from '../../platform/json.ts';
import { IAM_OPERATIONS, type IamCall } from './aws-iam-operations.ts';
import { iamState, type IamSetting, type IamState } from './aws-iam-state.ts';
import { AwsFault, signerOf, xmlAnswer, xmlOf, type XmlValue } from './aws-query.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';
import { STS_OPERATIONS } from './aws-sts-operations.ts';

export interface FakeAwsIamOptions extends IamSetting {
  readonly clock: Clock;
  /** `111122223333` unless told. */
  readonly account?: string;
  /** How long changes are not seen, milliseconds; 0 unless told. */
  readonly delay?: number;
  /** At most so many in a page; 100 unless told. */
  readonly pageSize?: number;
  /**
   * Whether only keys and sessions that this account gave out are let in, and not where a policy of theirs denies it. Otherwise whoever signs is an administrator.
   */
  readonly checksCallers?: boolean;
}

/** A session that STS gave out. */
export interface StsSession {
  readonly accessKeyId: string;
  /** Of the role. */
  readonly role: string;
  readonly name: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly issued: number;
  readonly expires: number;
}

/** An access key that a user may be given beside those of its setting. */
const NEW_KEY = 'AKIAEXAMPLENEW';

export class FakeAwsIam extends FakeService {
  readonly account: string;
  readonly sessions: StsSession[] = [];
  readonly #options: FakeAwsIamOptions;
  /** How it stood since when; the oldest first. */
  readonly #versions: { since: number; state: IamState }[];
  #made = 0;

  constructor(options: FakeAwsIamOptions) {
    super();
    this.#options = options;
    this.account = options.account ?? '111122223333';
    this.#versions = [{ since: -Infinity, state: iamState(this.account, options) }];
  }

  /** How it stands in truth, whatever is seen of it. */
  get state(): IamState {
    return structuredClone(this.#now());
  }

  /** Lets somebody else change it, as of now. */
  change(how: (state: IamState) => void): void {
    const state = this.state;
    how(state);
    this.#versions.push({ since: this.#options.clock.now(), state });
  }

  protected answer(request: FakeRequest): FakeAnswer {
    const parameters = new URLSearchParams(request.text);
    const operation = parameters.get('Action') ?? '';
    const isSts = parameters.get('Version') === '2011-06-15';
    const xmlns = isSts ? 'https://sts.amazonaws.com/doc/2011-06-15/' : 'https://iam.amazonaws.com/doc/2010-05-08/';
    try {
      const result = this.#done(isSts, operation, parameters, signerOf(request));
      const inner = result === undefined ? '' : `<${operation}Result>${xmlOf(result, 'member')}</${operation}Result>`;
      return xmlAnswer(
        200,
        `<${operation}Response xmlns="${xmlns}">${inner}<ResponseMetadata><RequestId>${REQUEST_ID}</RequestId></ResponseMetadata></${operation}Response>`,
      );
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      const fault = { Error: { Type: 'Sender', Code: error.code, Message: error.message }, RequestId: REQUEST_ID };
      return xmlAnswer(error.status, `<ErrorResponse xmlns="${xmlns}">${xmlOf(fault, 'member')}</ErrorResponse>`);
    }
  }

  #done(isSts: boolean, operation: string, parameters: URLSearchParams, signer: string | undefined): XmlValue {
    const operations = isSts ? STS_OPERATIONS : IAM_OPERATIONS;
    const does = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (does === undefined) throw new AwsFault('InvalidAction', 400, `Could not find operation ${operation}`);
    if (operation !== 'AssumeRoleWithWebIdentity') this.#admit(operation, signer);
    const reads = /^(?:Get|List)/.test(operation);
    const state = reads ? this.#now() : structuredClone(this.#now());
    const call: IamCall = {
      parameters,
      account: this.account,
      signer,
      caller: this.#callerOf(signer),
      state,
      seen: this.#seen(),
      now: this.#options.clock.now(),
      pageSize: this.#options.pageSize ?? 100,
      newKey: () => `${NEW_KEY}${String(++this.#made).padStart(6, '0')}`,
      begin: (role, name, seconds) => this.#begin(role, name, seconds),
    };
    const result = does(call);
    if (!reads && JSON.stringify(state) !== JSON.stringify(this.#now())) {
      this.#versions.push({ since: call.now, state });
      this.wrote(operation, targetOf(parameters));
    }
    return result;
  }

  #begin(role: string, name: string, seconds: number): StsSession {
    const issued = this.#options.clock.now();
    const accessKeyId = `ASIAEXAMPLE${String(++this.#made).padStart(9, '0')}`;
    const session = { accessKeyId, role, name, issued, expires: issued + seconds * 1000 };
    this.sessions.push(session);
    return session;
  }

  #now(): IamState {
    return (this.#versions.at(-1) ?? { state: iamState(this.account, {}) }).state;
  }

  /** The state that reads and decisions go by. */
  #seen(): IamState {
    const until = this.#options.clock.now() - (this.#options.delay ?? 0);
    return (this.#versions.findLast(({ since }) => since <= until) ?? { state: this.#now() }).state;
  }

  #callerOf(signer: string | undefined): string {
    const session = this.sessions.find(({ accessKeyId }) => accessKeyId === signer);
    if (session !== undefined) {
      return `arn:aws:sts::${this.account}:assumed-role/${session.role.split('/').at(-1) ?? ''}/${session.name}`;
    }
    const user = this.#now().users.find(({ keys }) => keys.some(({ id }) => id === signer));
    return user?.arn ?? `arn:aws:iam::${this.account}:user/administrator`;
  }

  /** @throws AwsFault where the key is none of ours, is inactive, its session ended, or a policy denies it */
  #admit(operation: string, signer: string | undefined): void {
    if (this.#options.checksCallers !== true) return;
    const session = this.sessions.find(({ accessKeyId }) => accessKeyId === signer);
    const seen = this.#seen();
    if (session !== undefined) {
      if (session.expires <= this.#options.clock.now()) {
        throw new AwsFault('ExpiredToken', 403, 'The security token included in the request is expired');
      }
      const role = seen.roles.find(({ arn }) => arn === session.role);
      if (role !== undefined && !isDenied(role.inline, session.issued)) return;
      throw new AwsFault('AccessDenied', 403, `${this.#callerOf(signer)} is not authorized to perform: ${operation}`);
    }
    const user = seen.users.find(({ keys }) => keys.some(({ id, status }) => id === signer && status === 'Active'));
    if (user === undefined) {
      throw new AwsFault('InvalidClientTokenId', 403, 'The security token included in the request is invalid');
    }
    if (!isDenied(user.inline, undefined)) return;
    throw new AwsFault('AccessDenied', 403, `User: ${user.arn} is not authorized to perform: ${operation}`);
  }
}

const REQUEST_ID = '00000000-0000-4000-8000-00000000a115';

const targetOf = (parameters: URLSearchParams): string =>
  ['UserName', 'RoleName', 'GroupName', 'AccessKeyId', 'PolicyName', 'PolicyArn']
    .map((name) => parameters.get(name))
    .filter((value) => value !== null)
    .join('/');

/** Whether a policy denies everything to a session of that time; requests with keys of users have no such time, and the condition then does not hold. */
function isDenied(policies: readonly { readonly document: string }[], issued: number | undefined): boolean {
  return policies.some(({ document }) =>
    (arrayOf(read(document)?.['Statement']) ?? []).some((each) => {
      const { Effect, Action, Condition } = objectOf(each) ?? {};
      if (Effect !== 'Deny' || Action !== '*') return false;
      if (Condition === undefined) return true;
      const before = Date.parse(textOf(objectOf(objectOf(Condition)?.['DateLessThan'])?.['aws:TokenIssueTime']) ?? '');
      return issued !== undefined && issued < before;
    }),
  );
}

function read(document: string): JsonObject | undefined {
  try {
    return objectOf(parseJson(document));
  } catch {
    return undefined;
  }
}
