import { applicationToAdministrator } from './application-to-administrator.ts';
import { awsToAzure } from './aws-to-azure.ts';
import { backupsInTwoClouds } from './backups-in-two-clouds.ts';
import { buildServiceToClouds } from './build-service-to-clouds.ts';
import type { Chain } from './chain.ts';
import { clusterTokenToAws } from './cluster-token-to-aws.ts';
import { developerToNode } from './developer-to-node.ts';
import { deviceCodeToAws } from './device-code-to-aws.ts';
import { identityCenterToOrganization } from './identity-center-to-organization.ts';
import { machineIdentityToAws } from './machine-identity-to-aws.ts';
import { passForAdministrator } from './pass-for-administrator.ts';
import { podToThreeClouds } from './pod-to-three-clouds.ts';
import { roleChaining } from './role-chaining.ts';
import { samlRoleBackdoor } from './saml-role-backdoor.ts';
import { synchronisationToExtortion } from './synchronisation-to-extortion.ts';

/** Every attack, each with people and things of its own: played into one stream they are as many incidents. */
export const CHAINS: readonly Chain[] = [
  deviceCodeToAws,
  synchronisationToExtortion,
  clusterTokenToAws,
  buildServiceToClouds,
  awsToAzure,
  samlRoleBackdoor,
  identityCenterToOrganization,
  roleChaining,
  machineIdentityToAws,
  passForAdministrator,
  developerToNode,
  backupsInTwoClouds,
  applicationToAdministrator,
  podToThreeClouds,
];
