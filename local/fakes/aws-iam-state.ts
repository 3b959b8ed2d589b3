/** What a fake IAM holds: plain data, so that it can be kept as it was at any moment. */
export interface IamState {
  users: IamUser[];
  roles: IamRole[];
  groups: IamGroup[];
  /** Customer-managed policies, and those of AWS that tests need, with their documents. */
  policies: { arn: string; document: string }[];
}

interface PolicyHolder {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  inline: { name: string; document: string }[];
  /** ARNs. */
  attached: string[];
}

export interface IamUser extends PolicyHolder {
  keys: { readonly id: string; status: 'Active' | 'Inactive'; readonly created: string }[];
  loginProfile?: { readonly created: string } | undefined;
  /** Names. */
  groups: string[];
}

export interface IamRole extends PolicyHolder {
  /** Which tokens of OpenID Connect it trusts. */
  readonly trusts?: { readonly issuer: string; readonly audience: string; readonly subject: string } | undefined;
}

export type IamGroup = PolicyHolder;

/** What a user, role or group is given in tests and demos; the rest follows. */
export type Given<T extends PolicyHolder> = Partial<Omit<T, 'arn' | 'id'>> & {
  readonly name: string;
  readonly path?: string;
};

export interface IamSetting {
  readonly users?: readonly Given<IamUser>[];
  readonly roles?: readonly Given<IamRole>[];
  readonly groups?: readonly Given<IamGroup>[];
  /** By ARN. */
  readonly policies?: Readonly<Record<string, string>>;
}

/** The state that a setting describes. @param account twelve digits */
export function iamState(
  account: string,
  { users = [], roles = [], groups = [], policies = {} }: IamSetting,
): IamState {
  const holder = <T extends PolicyHolder>(
    kind: string,
    prefix: string,
    { path = '/', ...given }: Given<T>,
    at: number,
  ) => ({
    arn: `arn:aws:iam::${account}:${kind}${path}${given.name}`,
    id: `${prefix}EXAMPLE${String(at).padStart(10, '0')}`,
    inline: [],
    attached: [],
    ...given,
  });
  return structuredClone({
    users: users.map((user, at) => ({ keys: [], groups: [], ...holder<IamUser>('user', 'AIDA', user, at) })),
    roles: roles.map((role, at) => holder<IamRole>('role', 'AROA', role, at)),
    groups: groups.map((group, at) => holder<IamGroup>('group', 'AGPA', group, at)),
    policies: Object.entries(policies).map(([arn, document]) => ({ arn, document })),
  });
}
