/** Where a message came from: what a dead letter and the archive name. */
export interface Origin {
  readonly hub: string;
  readonly partition: string;
  readonly sequenceNumber: number;
  /** When the hub accepted it: milliseconds since 1970-01-01T00:00:00Z. */
  readonly enqueued: number;
}

/** One message as a hub delivered it. Delivery is at least once. */
export interface Delivery {
  readonly body: Uint8Array;
  readonly origin: Origin;
}
