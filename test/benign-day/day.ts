import { SeededRandom } from '../../local/demo/random.ts';
import { controllers, loadBalancer, nodePool, secretsFetched } from './cluster.ts';
import { DayMaker, type DayRecord } from './day-maker.ts';
import { backups, nightShift, reports, watching } from './machines.ts';
import { onCall, sharedRole, windowsServers } from './on-call.ts';
import { pipelines } from './pipelines.ts';
import { atWork, credentialsMade, mornings, secretRenewed, serviceDesk } from './staff.ts';

export type { DayRecord } from './day-maker.ts';

const HOUR = 3_600_000;

/** When the day begins: a Friday, 2026-11-20T00:00:00Z in milliseconds since 1970. */
export const DAY = Date.UTC(2026, 10, 20);

/** How many records the day has. */
export const RECORDS = 5000;

/**
 * A day on which nothing happens that anybody would call an attack, and on which much happens that looks like a step of one: pipelines that list
 * keys and give roles, controllers that read secrets, backups that delete snapshots, somebody on call with a shell in a pod.
 * @param seed the same seed gives the same day
 * @returns records of all four sources in order of time, within 24 hours from {@link DAY}
 */
export function benignDay(seed = 1): DayRecord[] {
  const make = new DayMaker(new SeededRandom(seed));
  const records = [
    ...mornings(make, DAY),
    ...serviceDesk(make, DAY),
    ...secretRenewed(make, DAY),
    ...credentialsMade(make, DAY),
    ...onCall(make, DAY),
    ...sharedRole(make, DAY),
    ...windowsServers(make, DAY),
    ...pipelines(make, DAY),
    ...loadBalancer(make, DAY),
    ...secretsFetched(make, DAY),
    ...backups(make, DAY),
    ...nightShift(make, DAY),
    ...reports(make, DAY),
  ];
  while (records.length < RECORDS) {
    const more = routine(make);
    // What is one record fills the last place.
    if (records.length + more.length <= RECORDS) records.push(...more);
  }
  return records.sort((one, other) => one.time - other.time);
}

/** One of the things that happen again and again; people's mostly in working hours. */
function routine(make: DayMaker): DayRecord[] {
  const { random } = make;
  const time = DAY + random.below(24 * HOUR - 10 * 60_000);
  const kind = random.below(100);
  if (kind < 50) return controllers(make, time);
  if (kind < 53) return nodePool(make, time);
  if (kind < 65) return watching(make, time);
  const hour = random.below(10) === 0 ? 19 + random.below(4) : 8 + random.below(10);
  return atWork(make, DAY + hour * HOUR + random.below(HOUR), hour);
}
