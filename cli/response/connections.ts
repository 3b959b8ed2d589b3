import { azureConnection, type AzureConnection } from '../../platform/azure/connection.ts';
import { azureEndpoints } from '../../platform/azure/endpoints.ts';
import { RequestRates } from '../../platform/azure/request-rates.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Configuration } from '../../platform/configuration.ts';
import type { Connections } from '../../playbooks/contract/connections.ts';

/** How actions reach services from this machine: as whoever is signed in here, with secrets from the environment. */
export function localConnections({ azure, response }: Configuration, clock: Clock): Connections {
  let made: Promise<AzureConnection> | undefined;
  return {
    azure: () => (made ??= azureConnection(azureEndpoints(azure))),
    rates: new RequestRates(clock),
    settings: response,
    secret: (name) => process.env[name],
  };
}
