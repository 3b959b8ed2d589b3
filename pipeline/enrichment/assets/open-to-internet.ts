/** Every address, as clouds write it, or one of the two halves of all. */
const EVERYBODY = /^(?:\*|internet|any|0\.0\.0\.0|.{1,64}\/[01])$/i;

/** Whether a range of addresses is everybody's. */
export const isEverybody = (addresses: string): boolean => EVERYBODY.test(addresses);
