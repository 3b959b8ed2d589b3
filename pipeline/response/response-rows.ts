/** Where what responses are made of stands: one partition, so that a change of state and its evidence are written together or not at all. */
export const TABLE = 'responses';
export const PARTITION = 'responses';

/** A response. */
export const responseRow = (id: string): string => `response|${id}`;
/** All, the latest first. @param created milliseconds since 1970-01-01T00:00:00Z */
export const LATEST = 'latest|';
export const latestRow = (created: number, id: string): string =>
  `${LATEST}${String(LAST_TIME - created).padStart(16, '0')}|${id}`;
/** The last time that there is. */
const LAST_TIME = 8.64e15;
/** One that has not ended. */
export const OPEN = 'open|';
export const openRow = (id: string): string => `${OPEN}${id}`;
/** Responses of an incident. */
export const incidentRows = (incident: string): string => `incident|${incident}|`;
export const incidentRow = (incident: string, id: string): string => `${incidentRows(incident)}${id}`;
/** Who waits for a target, the first of whom works on it. */
export const targetRow = (hash: string): string => `target|${hash}`;
/** Who holds the same thing. */
export const holdRow = (hash: string): string => `hold|${hash}`;
/** What is held of those who asked for the same. */
export const askedRow = (hash: string): string => `asked|${hash}`;
/** Who does a step: each is done once. */
export const stepRow = (key: string): string => `step|${key}`;
/** When changes of an action were made, and when it failed. */
export const workRow = (action: string): string => `work|${action}`;
/** The one switch. */
export const STOP = 'stop';
/** Up to which entry of the evidence others were told. */
export const PUBLISHED = 'published';
