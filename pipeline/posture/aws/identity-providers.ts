import { objectOf, textOf } from '../../../platform/json.ts';
import { arnKey } from '../../timeline/entity-keys.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { mends, weakens } from '../change-of.ts';
import { regional, type AwsCall, type AwsCalls } from './call.ts';

/** Identity Center puts a provider of its own into each account that it serves. */
const IDENTITY_CENTER = ':role/aws-service-role/sso.amazonaws.com/';

const ADDED = 'trusts a new identity provider';
const CHANGED = 'trusts an identity provider that was changed';
const REMOVED = 'no longer trusts it';

type Provider = (call: AwsCall) => string | undefined;

const change =
  (provider: Provider, weakened: boolean, what: string) =>
  (call: AwsCall): readonly PostureChange[] => {
    const resource = provider(call);
    if (resource === undefined || call.role?.includes(IDENTITY_CENTER) === true) return [];
    const place = { condition: 'federation-changed', resource } as const;
    return [weakened ? weakens(place, what) : mends(place, what)];
  };

const arn = (text: string | undefined): string | undefined => (text?.startsWith('arn:') ? arnKey(text) : undefined);

const saml: Provider = ({ request, response, partition, account }) => {
  const name = textOf(request['name']);
  return (
    arn(textOf(request['sAMLProviderArn']) ?? textOf(response['sAMLProviderArn'])) ??
    (name === undefined ? undefined : arnKey(`arn:${partition}:iam::${account}:saml-provider/${name}`))
  );
};

const oidc: Provider = ({ request, response, partition, account }) => {
  const url = textOf(request['url']);
  return (
    arn(textOf(request['openIDConnectProviderArn']) ?? textOf(response['openIDConnectProviderArn'])) ??
    (url === undefined
      ? undefined
      : arnKey(`arn:${partition}:iam::${account}:oidc-provider/${url.replace(/^https:\/\//, '')}`))
  );
};

/** By the id that its answer gives it; a record without an answer has the name alone. */
const anchor: Provider = (call) => {
  const made = objectOf(call.response['trustAnchor']);
  const known = arn(textOf(made?.['trustAnchorArn']));
  const id = textOf(call.request['trustAnchorId']) ?? textOf(call.request['name']);
  return known ?? (id === undefined ? undefined : regional(call, 'rolesanywhere', `trust-anchor/${id}`));
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html */
export const IAM: AwsCalls = {
  CreateSAMLProvider: change(saml, true, ADDED),
  UpdateSAMLProvider: change(saml, true, CHANGED),
  DeleteSAMLProvider: change(saml, false, REMOVED),
  CreateOpenIDConnectProvider: change(oidc, true, ADDED),
  UpdateOpenIDConnectProviderThumbprint: change(oidc, true, CHANGED),
  AddClientIDToOpenIDConnectProvider: change(oidc, true, CHANGED),
  DeleteOpenIDConnectProvider: change(oidc, false, REMOVED),
};

/** https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_CreateTrustAnchor.html */
export const ROLES_ANYWHERE: AwsCalls = {
  CreateTrustAnchor: change(anchor, true, ADDED),
  UpdateTrustAnchor: change(anchor, true, CHANGED),
  EnableTrustAnchor: change(anchor, true, ADDED),
  DisableTrustAnchor: change(anchor, false, REMOVED),
  DeleteTrustAnchor: change(anchor, false, REMOVED),
};
