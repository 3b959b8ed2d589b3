import type { Level } from '../../pipeline/timeline/signal.ts';
import type { ActionContext } from '../contract/action.ts';
import type { Block, TicketText } from './words.ts';

/** What clients of services of tickets are made of. */
export type TicketConnections = Pick<ActionContext, 'clock' | 'connections' | 'deadline'>;

export interface Ticket {
  /** By which the service's API knows it. */
  readonly id: string;
  /** For people: `SEC-12`. */
  readonly name: string;
  /** What it says, for finding marks in it; not fit to be shown. */
  readonly text: string;
}

/** News of an incident, to be told in its ticket once. Plain data. */
export interface TicketNews {
  /** Stands in what is written, and in nothing else. */
  readonly mark: string;
  /** Rises with each news of a ticket, from 1. */
  readonly number: number;
  /** When it was first tried, milliseconds since 1970-01-01T00:00:00Z. */
  readonly since: number;
  readonly blocks: readonly Block[];
  /** Of the incident, as it was told last and as it is to be. */
  readonly severity: { readonly from: Level; readonly to: Level };
  /** What the ticket is to be closed as; undefined where it is left as it is. */
  readonly close?: Closing | undefined;
}

/** As what: the verdict on the incident, or `merged` where another ticket goes on with it, or `withdrawn`. */
export type Closing = 'true-positive' | 'benign' | 'false-positive' | 'merged' | 'withdrawn';

/** What became of news. */
export type Telling =
  /** The ticket tells them; `problems` says what of it could not be done, for people. */
  | { readonly is: 'told'; readonly problems: readonly string[] }
  /** Somebody deleted the ticket, or took it elsewhere. */
  | { readonly is: 'gone' };

/**
 * A place where tickets are kept. All of it may be asked again after a crash. Every method throws ActionError.
 */
export interface TicketSystem {
  /** Immutable, as targets of actions are known: `jira|https://contoso.atlassian.net|SEC`. */
  readonly id: string;
  /** `the project SEC of Jira`. */
  readonly label: string;
  /** Finds a ticket by its key; `deleted` where one knows that there was one. */
  readonly find: (key: string) => Promise<Ticket | 'deleted' | undefined>;
  /** Looks whether a ticket could be made; nothing is made. */
  readonly check?: (key: string, text: TicketText, severity: Level) => Promise<void>;
  /** Of a service whose search lags. */
  readonly attempts?: Attempts;
  /** Makes a ticket, whether or not there is one. */
  readonly create: (key: string, text: TicketText, severity: Level) => Promise<void>;
  /** Tells news, once however often it is asked to. */
  readonly tell: (id: string, news: TicketNews) => Promise<Telling>;
}

/** Where a service keeps, and tells at once, that the making of a ticket was begun. */
export interface Attempts {
  /** How long a new ticket may stay unfound, milliseconds. */
  readonly lag: number;
  /** When it was last begun, milliseconds since 1970-01-01T00:00:00Z. */
  readonly begun: (key: string) => Promise<number | undefined>;
  readonly begin: (key: string, at: number) => Promise<void>;
  /** The service refused to make it. */
  readonly forget: (key: string) => Promise<void>;
}
