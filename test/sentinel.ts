import { azureConnection, type AzureConnection } from '../platform/azure/connection.ts';
import { armClient, type ArmClient, type ArmOptions } from '../platform/azure/arm.ts';
import { azureEndpoints, azureSection } from '../platform/azure/endpoints.ts';
import { RequestRates } from '../platform/azure/request-rates.ts';
import type { Clock } from '../platform/clock.ts';
import type { FakeSentinel } from './fakes/sentinel.ts';

/** How the real clients reach a fake Sentinel. */
const sentinelConnection = (fake: FakeSentinel): Promise<AzureConnection> =>
  azureConnection(azureEndpoints(azureSection.parse({ endpoints: { arm: fake.url } })));

/** A real client of a fake Sentinel, with ten minutes and the calls that one enrichment may make. */
export async function sentinelArm(
  fake: FakeSentinel,
  clock: Clock,
  options: Partial<ArmOptions> = {},
): Promise<ArmClient> {
  return armClient({
    connection: await sentinelConnection(fake),
    clock,
    rates: new RequestRates(clock),
    deadline: clock.now() + 600_000,
    maxCalls: 12,
    ...options,
  });
}
