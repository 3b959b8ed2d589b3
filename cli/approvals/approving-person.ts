import { userInfo } from 'node:os';
import type { TokenCredential } from '@azure/core-auth';
import { isRefusal } from '../../pipeline/response/approval/approver-port.ts';
import type { AnsweringPerson } from '../../pipeline/response/approval/decide.ts';
import { EntraApprovers } from '../../pipeline/response/approval/entra-approver.ts';
import { localPerson } from '../../pipeline/response/approval/local-approver.ts';
import { azureConnection } from '../../platform/azure/connection.ts';
import { azureEndpoints } from '../../platform/azure/endpoints.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Configuration } from '../../platform/configuration.ts';
import { UnusableInputError } from '../scan/files.ts';

/** Where the person at the command is known from. */
export interface PersonSources {
  readonly configuration: Pick<Configuration, 'azure' | 'response'>;
  readonly clock: Clock;
  /** Whether what is approved is kept in Azure, and not at this machine. */
  readonly inAzure: boolean;
  /** Whoever is signed in at this machine, unless told. */
  readonly credential?: TokenCredential | undefined;
}

/**
 * Who answers at the command: the user of this machine where responses are kept at it; otherwise whoever is signed in to Azure here, by a token for the app registration of
 * approvals, which is verified as that of the page is.
 * @throws UnusableInputError where nobody is signed in, or not one of those who may approve
 */
export async function approvingPerson({
  configuration,
  clock,
  inAzure,
  credential,
}: PersonSources): Promise<AnsweringPerson> {
  if (!inAzure) return localPerson(userInfo().username);
  const { approval: settings } = configuration.response;
  const endpoints = azureEndpoints(configuration.azure);
  const approvers = new EntraApprovers({ settings, login: endpoints.login, clock });
  const found = await approvers.identifyToken(
    settings.audience === undefined
      ? ''
      : await tokenOf(credential ?? (await azureConnection(endpoints)).credential, settings.audience),
  );
  if (isRefusal(found)) throw new UnusableInputError(found.message);
  return found;
}

async function tokenOf(credential: TokenCredential, audience: string): Promise<string> {
  const scope = `${audience}/.default`;
  try {
    return (await credential.getToken(scope))?.token ?? '';
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown';
    throw new UnusableInputError(
      `no token for ${scope} can be had at this machine: sign in with az login --scope ${scope} (${why})`,
    );
  }
}
