/** One message for an event hub. */
export interface HubMessage {
  readonly body: Uint8Array;
  /** Messages of one key reach one partition in order; without it the service chooses. */
  readonly key?: string | undefined;
  /** Application properties. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
}

/** Thrown when a message is larger than the hub takes (1 MiB in the Standard tier). */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError';
}

/** Sending to event hubs. */
export interface Hubs {
  /**
   * Sends every message; resolves when the service has accepted all. On failure some may have been accepted: sending
   * again may repeat them, which receivers bear because ids are deterministic.
   * @throws MessageTooLargeError before anything is sent
   */
  send(hub: string, messages: readonly HubMessage[]): Promise<void>;
  close(): Promise<void>;
}
