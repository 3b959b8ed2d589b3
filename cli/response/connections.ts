import { azureConnection, type AzureConnection } from '../../platform/azure/connection.ts';
import { azureEndpoints } from '../../platform/azure/endpoints.ts';
import { RequestRates } from '../../platform/azure/request-rates.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Configuration } from '../../platform/configuration.ts';
import { connectionsOf } from '../../pipeline/response-ports.ts';
import type { Connections } from '../../playbooks/contract/connections.ts';

/** How actions reach services from this machine: as whoever is signed in here. */
export function localConnections(configuration: Configuration, clock: Clock): Connections {
  let made: Promise<AzureConnection> | undefined;
  const azure = () => (made ??= azureConnection(azureEndpoints(configuration.azure)));
  return connectionsOf(configuration, azure, new RequestRates(clock));
}
