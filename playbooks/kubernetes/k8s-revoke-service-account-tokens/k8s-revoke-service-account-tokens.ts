import { z } from 'zod';
import { objectOf, parseJson, type JsonObject } from '../../../platform/json.ts';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan, type Verification } from '../../contract/action.ts';
import { canonicalJson } from '../../contract/hashes.ts';
import { kubernetesNameParameter, namespaceParameter } from '../../contract/parameters.ts';
import { READ_ADDRESS } from '../cluster-access.ts';
import { ClusterClient } from '../cluster-client.ts';
import { clusterParameter } from '../cluster-parameters.ts';
import { BINDINGS, PODS, SECRETS, SERVICE_ACCOUNTS, type Secret, type ServiceAccount } from '../object-kinds.ts';
import { plannedState } from '../../contract/planned-state.ts';
import { listed, objectSubject, objectTarget, serviceAccountPrincipal, shown } from '../subjects.ts';

const HOUR = 3_600_000;
/** What a plan keeps of a service account may not be longer, as JSON. */
const LONGEST_MANIFEST = 16_384;
const TOKEN_TYPE = 'kubernetes.io/service-account-token';
const OF_ACCOUNT = 'kubernetes.io/service-account.name';

const secretOf = z.object({ cluster: z.string(), namespace: z.string(), secret: z.string(), uid: z.string() });

const accountOf = z.object({
  cluster: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** Of the service account that is replaced. */
  replaced: z.string(),
  /** What the new one has: all that the old one had but its uid. */
  manifest: z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    ownerReferences: z.array(z.record(z.string(), z.json())),
    imagePullSecrets: z.array(z.object({ name: z.string() })),
    automountServiceAccountToken: z.boolean().optional(),
  }),
});
type PlannedAccount = z.infer<typeof accountOf>;
type Manifest = PlannedAccount['manifest'];

/** Ends all tokens of a service account at once, by giving it another uid. */
export const revokeServiceAccountTokens = defineAction({
  name: 'k8s-revoke-service-account-tokens',
  group: 'kubernetes',
  title: 'Revoke the tokens of a service account',
  description:
    'Deletes the Secrets that hold tokens of the service account, which never end otherwise; then deletes the service account and makes it anew with the same labels, annotations and ' +
    'pull secrets. All its tokens name the uid of the old one, and the cluster takes them no more. Roles stay: bindings go by name. Pods get new tokens when they are restarted, or ' +
    'when their node renews them, within the hour; until then their calls to the API fail. This cannot be undone.',
  parameters: z.strictObject({
    cluster: clusterParameter,
    namespace: namespaceParameter.describe('The namespace of the service account.'),
    name: kubernetesNameParameter.describe('The name of the service account.'),
  }),
  permissions: {
    azure: [READ_ADDRESS],
    kubernetes: [
      { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get', 'create', 'patch', 'delete'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'delete'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterrolebindings'], verbs: ['list'] },
    ],
    notes: ['Who may list the secrets of a namespace may read them all; only their metadata is asked for.'],
  },
  reversibility: 'irreversible',
  lease: undefined,
  operations: ['delete secrets', 'delete serviceaccounts', 'create serviceaccounts', 'patch serviceaccounts'],
  from: ({ serviceAccounts }) =>
    serviceAccounts
      .filter(({ cluster, namespace }) => cluster !== '' && namespace !== '')
      .map(({ cluster, namespace, name }) => ({ cluster, namespace, name })),
  plan: async ({ cluster, namespace, name }, context) => {
    const client = await ClusterClient.of(cluster, context);
    const account = await client.get(SERVICE_ACCOUNTS, { namespace, name });
    if (account === undefined) throw new ActionError('absent', `there is no service account ${namespace}/${name}`);
    return planOf(cluster, namespace, account, client);
  },
  execute: async (change, context) => {
    if (change.id === 'service-account') return replace(plannedState(accountOf, change), context);
    const { client, at, secret } = await secretNow(change, context);
    if (secret === undefined || (await client.delete(SECRETS, at, secret.metadata))) return;
    throw new ActionError('busy', `the Secret ${at.name} is being changed by others; try again`);
  },
  verify: async (change, context): Promise<Verification> => {
    if (change.id !== 'service-account') {
      const { secret } = await secretNow(change, context);
      return { is: secret === undefined ? 'held' : 'absent' };
    }
    const planned = plannedState(accountOf, change);
    const { cluster, namespace, name, replaced, manifest } = planned;
    const account = await (await ClusterClient.of(cluster, context)).get(SERVICE_ACCOUNTS, { namespace, name });
    // Where there is none, it was deleted and not made anew: its pods need it.
    if (account === undefined || account.metadata.uid === replaced) return { is: 'absent' };
    return { is: has(account, manifest) ? 'held' : 'absent' };
  },
});

/** The Secret that was planned for; undefined where it is gone, and another may have its name. */
async function secretNow(change: Change, context: ActionContext) {
  const { cluster, namespace, secret: name, uid } = plannedState(secretOf, change);
  const client = await ClusterClient.of(cluster, context);
  const at = { namespace, name };
  const secret = await client.get(SECRETS, at);
  return { client, at, secret: secret?.metadata.uid === uid ? secret : undefined };
}

async function planOf(
  cluster: string,
  namespace: string,
  account: ServiceAccount,
  client: ClusterClient,
): Promise<Plan> {
  const { name, uid } = account.metadata;
  const manifest = manifestOf(account);
  const selector = `spec.serviceAccountName=${name}`;
  const pods = (await client.list(PODS, namespace, selector)).map(({ metadata }) => metadata.name);
  const secrets = (await client.list(SECRETS, namespace, `type=${TOKEN_TYPE}`)).filter(
    ({ metadata }) => metadata.annotations[OF_ACCOUNT] === name,
  );
  const object = { cluster, namespace, resource: 'serviceaccounts', name };
  const target = objectTarget('service account', object, uid);
  return {
    target,
    changes: [
      ...secrets.map((secret) => secretChange(cluster, namespace, secret)),
      {
        id: 'service-account',
        holds: `k8s-revoke-service-account-tokens|${target.id}|uid`,
        summary: `Delete the service account ${namespace}/${name} and make it anew, so that all its tokens end`,
        target,
        before: { uid },
        after: { cluster, namespace, name, replaced: uid, manifest: { ...manifest } },
        undo: undefined,
      },
    ],
    affects: [
      pods.length === 0
        ? 'No pod of the namespace uses the service account'
        : `${pods.length} pods lose their tokens until they are restarted or their nodes renew them, within the hour: ${listed(pods)}`,
      ...(secrets.length === 0 ? [] : ['Whatever outside of the cluster uses a token of a Secret needs another one']),
    ],
    residual: [
      { what: 'The API server remembers a token that it took', lasts: 10_000 },
      {
        what: 'Entra and others that trust the issuer of the cluster look at the signature only, until the token ends',
        lasts: 24 * HOUR,
      },
      { what: 'Who controls a pod of the service account gets its new tokens too: isolate the pod' },
    ],
    subjects: [
      serviceAccountPrincipal(cluster, { namespace, name }, await privilegesOf(namespace, name, client)),
      objectSubject(object),
      ...secrets.map(({ metadata }) => objectSubject({ cluster, namespace, resource: 'secrets', name: metadata.name })),
    ],
  };
}

function manifestOf(account: ServiceAccount): Manifest {
  const { metadata, imagePullSecrets, automountServiceAccountToken } = account;
  const { name, labels, annotations, ownerReferences, finalizers } = metadata;
  if (finalizers.length > 0) {
    throw new ActionError(
      'unsuitable',
      `the service account ${name} is not deleted before ${listed(finalizers)} let it go; take its roles from it instead`,
    );
  }
  const manifest = { labels, annotations, ownerReferences, imagePullSecrets };
  if (canonicalJson(manifest).length > LONGEST_MANIFEST) {
    throw new ActionError('unsuitable', `the service account ${name} has more annotations than a plan can keep`);
  }
  return automountServiceAccountToken === undefined ? manifest : { ...manifest, automountServiceAccountToken };
}

function secretChange(cluster: string, namespace: string, { metadata: { name, uid } }: Secret): Change {
  const target = objectTarget('secret', { cluster, namespace, resource: 'secrets', name }, uid);
  return {
    id: `secret ${name}`,
    holds: `k8s-revoke-service-account-tokens|${target.id}|deleted`,
    summary: `Delete the Secret ${namespace}/${shown(name)}, which holds a token that does not end`,
    target,
    before: { secret: name, uid },
    after: { cluster, namespace, secret: name, uid },
    undo: undefined,
  };
}

async function privilegesOf(namespace: string, name: string, client: ClusterClient): Promise<readonly string[]> {
  const bindings = await client.list(BINDINGS.clusterrolebindings, '');
  const admin = bindings.some(
    ({ roleRef, subjects }) =>
      roleRef.name === 'cluster-admin' &&
      subjects.some(
        (subject) => subject.kind === 'ServiceAccount' && subject.name === name && subject.namespace === namespace,
      ),
  );
  return [
    ...(admin ? ['is bound to cluster-admin'] : []),
    ...(namespace === 'kube-system' ? ['is a service account of kube-system'] : []),
  ];
}

async function replace(planned: PlannedAccount, context: ActionContext): Promise<void> {
  const { cluster, namespace, name, replaced, manifest } = planned;
  const client = await ClusterClient.of(cluster, context);
  const at = { namespace, name };
  const account = await client.get(SERVICE_ACCOUNTS, at);
  if (account?.metadata.uid === replaced) {
    if (account.metadata.deletionTimestamp !== undefined) throw beingDeleted(name);
    if (canonicalJson({ ...manifestOf(account) }) !== canonicalJson({ ...manifest })) {
      throw new ActionError('conflict', `the service account ${name} was changed since the plan; plan again`);
    }
    if (!(await client.delete(SERVICE_ACCOUNTS, at, account.metadata))) throw beingDeleted(name);
  }
  if (account === undefined || account.metadata.uid === replaced) {
    if (await client.create(SERVICE_ACCOUNTS, namespace, bodyOf(planned))) return;
  }
  // Somebody made it anew before: the cluster itself does so with the service account `default`.
  await client.update({
    of: SERVICE_ACCOUNTS,
    at,
    decide: (now) => {
      if (now === undefined || now.metadata.uid === replaced) throw beingDeleted(name);
      return has(now, manifest) ? undefined : partsOf(manifest);
    },
  });
}

const beingDeleted = (name: string): ActionError =>
  new ActionError('busy', `the service account ${name} is still being deleted; try again`, 2000);

const bodyOf = ({ namespace, name, manifest }: PlannedAccount): JsonObject => {
  const { metadata, ...parts } = partsOf(manifest);
  const full = { name, namespace, ...objectOf(metadata) };
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: full, ...parts };
};

/** As the API takes it. */
function partsOf({ labels, annotations, ownerReferences, ...parts }: Manifest): JsonObject {
  return objectOf(parseJson(JSON.stringify({ metadata: { labels, annotations, ownerReferences }, ...parts }))) ?? {};
}

/** Whether a service account has all that the old one had; it may have more. */
function has(account: ServiceAccount, manifest: Manifest): boolean {
  const { metadata, imagePullSecrets, automountServiceAccountToken } = account;
  const within = (parts: Readonly<Record<string, string>>, whole: Readonly<Record<string, string>>): boolean =>
    Object.entries(parts).every(([name, value]) => whole[name] === value);
  return (
    within(manifest.labels, metadata.labels) &&
    within(manifest.annotations, metadata.annotations) &&
    manifest.imagePullSecrets.every(({ name }) => imagePullSecrets.some((other) => other.name === name)) &&
    manifest.automountServiceAccountToken === automountServiceAccountToken
  );
}
