import { objectOf, type JsonObject } from '../../platform/json.ts';
import { SeededRandom } from '../../local/demo/random.ts';
import { RecordMaker } from '../../local/demo/records.ts';
import type { Person } from '../../local/demo/tenant.ts';
import { roleSession, sessionAnswer, type RoleSession } from './aws-identities.ts';
import { Cast, type Place, type Workload } from './cast.ts';
import type { Chain, ChainRecord, ChainSource } from './chain.ts';
import type { DirectoryChange } from './directory-changes.ts';
import { withProperties, workloadSignIn, type WorkloadCredential } from './sign-ins.ts';

const MINUTE = 60_000;
/** Event time of the first chain's beginning. */
const START = Date.UTC(2026, 10, 20, 8);

/** Who makes a call: a person, or an application or managed identity; and from where. */
interface Caller {
  readonly by?: Person | Workload;
  readonly from?: Place;
}

/** A request to a cluster, as the demo's maker takes it. */
type ClusterCall = Omit<Parameters<RecordMaker['clusterCall']>[1], 'user' | 'groups' | 'ip' | 'agent'> & {
  readonly user: string;
  readonly groups?: string[];
  readonly agent?: string;
  readonly ip?: string;
};

/**
 * Writes the records of a chain, one after the other, as time passes. Where nothing else is said, the person of the cast acts, from the attacker's
 * place. The same chain is always written the same.
 */
export class ChainWriter {
  readonly cast: Cast;
  readonly #random: SeededRandom;
  readonly #make: RecordMaker;
  readonly #records: ChainRecord[] = [];
  #time: number;

  constructor(cast: Cast, number: number) {
    this.cast = cast;
    this.#random = new SeededRandom(number * 7919);
    this.#make = new RecordMaker(this.#random);
    this.#time = START + number * 7 * MINUTE;
  }

  /** In order of event time: rows of results are later than what follows their request at once. */
  get records(): readonly ChainRecord[] {
    return this.#records.toSorted((a, b) => a.time - b.time);
  }

  wait(minutes: number): void {
    this.#time += minutes * MINUTE;
  }

  /** A sign-in of a person to Entra. */
  signIn(
    more: Parameters<RecordMaker['signIn']>[3] & { who?: Person; from?: Place; properties?: JsonObject } = {},
  ): void {
    const { who = this.cast.person, from = this.cast.attacker, properties = {}, ...rest } = more;
    const record = this.#make.signIn(this.#time, who, from, rest);
    this.#add('entra', withProperties(record, properties));
  }

  workloadSignIn(
    who: Workload,
    credential: WorkloadCredential,
    { from = this.cast.attacker, resource = 'Azure Resource Manager' }: { from?: Place; resource?: string } = {},
  ): void {
    this.#add('entra', workloadSignIn(this.#time, this.#random, who, from, credential, resource));
  }

  /** A change of the directory. */
  directory(change: DirectoryChange, { by = this.cast.person, from = this.cast.attacker }: Caller = {}): void {
    if ('upn' in by) {
      this.#add('entra', this.#make.directoryChange(this.#time, by, from.ip, change));
      return;
    }
    const record = this.#make.directoryChange(this.#time, this.cast.person, from.ip, change);
    const app = { appId: by.appId, displayName: by.name, servicePrincipalId: by.objectId, servicePrincipalName: null };
    this.#add('entra', withProperties(record, { initiatedBy: { app } }));
  }

  /** An operation of Azure Resource Manager: the row of its start and that of its success. */
  azure(
    operation: string,
    resource: string,
    request: JsonObject = {},
    { by = this.cast.person, from = this.cast.attacker }: Caller = {},
  ): void {
    const body = Object.keys(request).length === 0 ? {} : { requestbody: JSON.stringify(request) };
    const who = { objectId: by.objectId, ip: from.ip, ...('upn' in by ? { upn: by.upn } : {}) };
    const claims = claimsOf(by);
    this.#make.azureOperation(this.#time, who, operation, resource, body).forEach((row, at) => {
      this.#add('azure-activity', withClaims(row, claims), at * 2000);
    });
  }

  /** A call to the cluster of the cast. */
  cluster(call: ClusterCall): void {
    const record = this.#make.clusterCall(this.#time, {
      groups: ['system:authenticated'],
      ip: this.cast.attacker.ip,
      agent: 'kubectl/v1.34.1 (linux/amd64) kubernetes/0000000',
      cluster: this.cast.cluster,
      ...call,
    });
    this.#add('aks-audit', record, 3);
  }

  /** A call to AWS: `iam:CreateUser`. */
  aws(
    identity: JsonObject,
    operation: string,
    request?: JsonObject,
    more: { response?: JsonObject; agent?: string; from?: Place; readOnly?: boolean; properties?: JsonObject } = {},
  ): void {
    const [service = '', name = ''] = operation.split(':');
    const { from = this.cast.attacker, properties = {}, ...rest } = more;
    const call = { service, name, identity, ip: from.ip, ...(request === undefined ? {} : { request }), ...rest };
    this.#add('cloudtrail', { ...this.#make.awsCall(this.#time, call), ...properties });
  }

  /** A call of STS that opens a session of a role, and the session. */
  assume(
    caller: JsonObject,
    how: 'AssumeRole' | 'AssumeRoleWithWebIdentity' | 'AssumeRoleWithSAML',
    role: { path?: string; name: string; id: string },
    session: { name: string; accessKeyId: string; sourceIdentity?: string },
    more: { request?: JsonObject; response?: JsonObject; resources?: readonly string[]; from?: Place } = {},
  ): RoleSession {
    const provider = typeof caller.identityProvider === 'string' ? caller.identityProvider : undefined;
    const opened = roleSession(this.#time, role, {
      ...session,
      provider: how === 'AssumeRoleWithWebIdentity' ? provider : undefined,
    });
    const resources = [opened.role, ...(more.resources ?? [])].map((ARN) => ({
      accountId: ARN.split(':')[4] ?? '',
      ARN,
    }));
    const { sourceIdentity } = session;
    this.aws(
      caller,
      `sts:${how}`,
      {
        roleArn: opened.role,
        roleSessionName: session.name,
        durationSeconds: 3600,
        ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
        ...more.request,
      },
      {
        response: {
          ...sessionAnswer(opened, role),
          ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
          ...more.response,
        },
        readOnly: true,
        properties: { resources },
        ...(more.from === undefined ? {} : { from: more.from }),
      },
    );
    return opened;
  }

  #add(source: ChainSource, record: JsonObject, later = 0): void {
    this.#records.push({ source, time: this.#time + later, record });
  }
}

/**
 * A chain, written.
 * @param number from 1 to 99, of no other chain
 * @param person whose account is taken over
 * @param system what their team runs: a word for names of things
 */
export function writeChain(
  number: number,
  name: string,
  [person, system]: readonly [string, string],
  play: (write: ChainWriter, cast: Cast) => Pick<Chain, 'directory' | 'expected'>,
): Chain {
  const write = new ChainWriter(new Cast(number, person, system), number);
  const rest = play(write, write.cast);
  return { name, records: write.records, ...rest };
}

/** Claims of the caller's token, beside those of the demo's maker. */
function claimsOf(by: Person | Workload): JsonObject {
  if ('upn' in by) return { appid: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', idtyp: 'user' };
  return { appid: by.appId, idtyp: 'app', ...(by.machine === undefined ? {} : { xms_mirid: by.machine }) };
}

function withClaims(row: JsonObject, claims: JsonObject): JsonObject {
  const identity = objectOf(row.identity);
  return { ...row, identity: { ...identity, claims: { ...objectOf(identity?.claims), ...claims } } };
}
