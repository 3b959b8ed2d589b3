import { textOf, type JsonObject } from '../../platform/json.ts';
import { ActionError } from '../contract/action-error.ts';
import type { GraphClient, GraphList } from './graph-client.ts';
import { guidOf, labelOf } from './values.ts';

/** What guards ask of a user or a service principal. */
export interface PrincipalFacts {
  /** Object ids of all groups that it is in, those within groups too. */
  readonly groups: readonly string[];
  /** Why it is privileged, a phrase each; empty where it is not. */
  readonly privileged: readonly string[];
  /** What could not be found out. */
  readonly unknown: string | undefined;
}

/** What reading them takes, beside reading the principal itself. */
export const FACTS_PERMISSIONS = [
  'GroupMember.Read.All',
  'Organization.Read.All',
  'PrivilegedEligibilitySchedule.Read.AzureADGroup',
  'RoleManagement.Read.Directory',
];

const MOST_GROUPS = 5000;
const MOST_ROLES = 200;
/** Of so many groups it is asked which roles they hold; whoever is in more is told to be in them. */
const MOST_ROLE_GROUPS = 20;

interface Group {
  readonly id: string;
  readonly label: string;
}

/**
 * The groups of a principal, and what makes it privileged: directory roles that it holds, those that it is eligible for, both also by groups, and groups to which roles can be
 * assigned that it is in, owns or is eligible for. A role counts whichever it is.
 * @param id an object id
 * @throws ActionError where the directory is away
 */
export async function principalFacts(
  graph: GraphClient,
  kind: 'users' | 'servicePrincipals',
  id: string,
): Promise<PrincipalFacts> {
  const facts = new Facts(graph);
  const memberships = await facts.list('its groups', `/${kind}/${id}/transitiveMemberOf`, GROUP_MEMBERS, MOST_GROUPS);
  const owned = await facts.list('the groups that it owns', `/${kind}/${id}/ownedObjects`, GROUP_MEMBERS, MOST_GROUPS);
  const [groups, privileged] = [memberships.filter(isGroup), new Set<string>()];
  for (const { '@odata.type': type, displayName } of memberships) {
    if (type === '#microsoft.graph.directoryRole')
      privileged.add(`holds ${labelOf(displayName) ?? 'a directory role'}`);
  }
  const roleGroups = groups.flatMap((group) => facts.roleGroup(group));
  for (const group of owned.filter(isGroup).flatMap((one) => facts.roleGroup(one))) {
    privileged.add(`owns ${group.label}, a group to which roles can be assigned`);
  }
  for (const group of await facts.eligibleGroups(id)) {
    privileged.add(`is eligible for ${group.label}, a group to which roles can be assigned`);
  }
  for (const phrase of await facts.roles(id)) privileged.add(phrase);
  for (const [at, group] of roleGroups.entries()) {
    const held = at < MOST_ROLE_GROUPS ? await facts.roles(group.id) : [];
    if (held.length === 0) privileged.add(`is in ${group.label}, a group to which roles can be assigned`);
    for (const phrase of held) privileged.add(`is in ${group.label}, which ${phrase}`);
  }
  return {
    groups: groups.flatMap(({ id: group }) => guidOf(group) ?? []).sort(),
    privileged: [...privileged].sort(),
    unknown: facts.gaps.size === 0 ? undefined : [...facts.gaps].join('; '),
  };
}

const GROUP_MEMBERS = { $select: 'id,displayName,isAssignableToRole', $top: '999' };

const isGroup = ({ '@odata.type': type }: JsonObject): boolean => type === '#microsoft.graph.group';

/** Reads, and notes what could not be read. */
class Facts {
  readonly #graph: GraphClient;
  readonly gaps = new Set<string>();

  constructor(graph: GraphClient) {
    this.#graph = graph;
  }

  async list(
    what: string,
    path: string,
    query: Readonly<Record<string, string>>,
    most: number,
    needs = 'GroupMember.Read.All',
  ): Promise<readonly JsonObject[]> {
    let found: GraphList;
    try {
      found = await this.#graph.list({ path, query, needs }, most);
    } catch (error) {
      if (!(error instanceof ActionError) || error.kind === 'busy') throw error;
      // Without a licence for it nobody is eligible for anything.
      if (error.kind !== 'unsuitable') this.gaps.add(`${what} could not be read: it takes ${needs}`);
      return [];
    }
    if (!found.complete) this.gaps.add(`${what} are more than ${most}`);
    return found.items;
  }

  /** A group to which roles can be assigned; a group of which not even the name is told may be one. */
  roleGroup({ id, displayName, isAssignableToRole }: JsonObject): Group[] {
    const group = guidOf(id);
    const label = labelOf(displayName);
    if (group === undefined || label === undefined) {
      this.gaps.add('what its groups are could not be read: it takes GroupMember.Read.All');
      return [];
    }
    return isAssignableToRole === true ? [{ id: group, label }] : [];
  }

  /** The groups to which roles can be assigned that it may join or own for a time (PIM for Groups). @param id a GUID: it stands in a filter */
  async eligibleGroups(id: string): Promise<Group[]> {
    const what = 'the groups that it is eligible for';
    const schedules = await this.list(
      what,
      '/identityGovernance/privilegedAccess/group/eligibilitySchedules',
      { $filter: `principalId eq '${id}'` },
      MOST_ROLES,
      'PrivilegedEligibilitySchedule.Read.AzureADGroup',
    );
    const groups = [...new Set(schedules.flatMap(({ groupId }) => guidOf(groupId) ?? []))];
    if (groups.length > MOST_ROLE_GROUPS) this.gaps.add(`${what} are more than ${MOST_ROLE_GROUPS}`);
    const found: Group[] = [];
    for (const group of groups.slice(0, MOST_ROLE_GROUPS)) {
      found.push(...this.roleGroup(await this.#group(group)));
    }
    return found;
  }

  async #group(id: string): Promise<JsonObject> {
    try {
      const query = { $select: GROUP_MEMBERS.$select };
      return await this.#graph.get({ path: `/groups/${id}`, query, needs: 'GroupMember.Read.All' });
    } catch (error) {
      if (!(error instanceof ActionError) || error.kind === 'busy') throw error;
      return {};
    }
  }

  /** The directory roles that a principal or a group holds or is eligible for. @param id a GUID: it stands in a filter */
  async roles(id: string): Promise<string[]> {
    const query = { $filter: `principalId eq '${id}'`, $expand: 'roleDefinition' };
    const needs = 'RoleManagement.Read.Directory';
    const path = '/roleManagement/directory';
    const active = await this.list('its roles', `${path}/roleAssignments`, query, MOST_ROLES, needs);
    const eligible = await this.list(
      'the roles that it is eligible for',
      `${path}/roleEligibilitySchedules`,
      query,
      MOST_ROLES,
      needs,
    );
    return [
      ...active.map((role) => `holds ${roleName(role)}`),
      ...eligible.map((role) => `is eligible for ${roleName(role)}`),
    ];
  }
}

function roleName({ roleDefinition, directoryScopeId }: JsonObject): string {
  const definition = typeof roleDefinition === 'object' && !Array.isArray(roleDefinition) ? roleDefinition : null;
  const name = labelOf(definition?.['displayName']) ?? 'a directory role';
  const scope = textOf(directoryScopeId) ?? '/';
  return scope === '/' ? name : `${name} in part of the directory`;
}
