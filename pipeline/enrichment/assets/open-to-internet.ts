/** Every address, as clouds write it, or one of the two halves of all. */
const EVERYBODY = /^(?:\*|internet|any|0\.0\.0\.0|.{1,64}\/[01])$/i;

/** Whether a range of addresses is everybody's. */
export const isEverybody = (addresses: string): boolean => EVERYBODY.test(addresses);

const MOST_SHOWN = 3;

/** Ports for people: the first few, and how many more; undefined where there are none. */
export function portsText(ports: readonly string[]): string | undefined {
  if (ports.length === 0) return undefined;
  const more = ports.length > MOST_SHOWN ? ` and ${ports.length - MOST_SHOWN} more` : '';
  return `${ports.slice(0, MOST_SHOWN).join(', ')}${more}`;
}
