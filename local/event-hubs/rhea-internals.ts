/**
 * What the emulator must know of a connection and rhea's declared interface does not tell. The names are those of rhea 3;
 * each is checked, so that another version fails at once and not quietly.
 */
import { Socket } from 'node:net';
import type { Connection, Receiver, Sender } from 'rhea';

function read(object: object, name: string): unknown {
  return Reflect.get(object, name);
}

function numberOf(object: object, name: string): number {
  const value = read(object, name);
  if (typeof value === 'number') return value;
  throw new TypeError(`rhea has no number "${name}" where the emulator needs it: was it updated?`);
}

function objectOf(object: object, name: string): object {
  const value = read(object, name);
  if (typeof value === 'object' && value !== null) return value;
  throw new TypeError(`rhea has no "${name}" where the emulator needs it: was it updated?`);
}

/** The socket of a connection. */
export function socketOf(connection: Connection): Socket {
  const socket = objectOf(connection, 'socket');
  if (socket instanceof Socket) return socket;
  throw new TypeError('rhea has no network socket where the emulator needs it: was it updated?');
}

/**
 * How many events may be given to a link now: as many as it has credit for and its session has places for; none while the
 * session still holds some back because the client's window is full, lest they pile up in memory.
 */
export function roomFor(link: Sender): number {
  const outgoing = objectOf(link.session, 'outgoing');
  if (numberOf(outgoing, 'next_delivery_id') > numberOf(outgoing, 'next_pending_delivery')) return 0;
  const places = objectOf(outgoing, 'deliveries');
  return Math.min(numberOf(link, 'credit'), numberOf(places, 'capacity') - numberOf(places, 'size'));
}

/** Bytes of the frame that the connection is receiving, as its length field says; 0 between frames. */
export function frameInProgress(connection: Connection): number {
  const size = read(connection, 'frame_size');
  return typeof size === 'number' ? size : 0;
}

/** Bytes so far of the message that a link is receiving in several frames. */
export function messageInProgress(link: Receiver): number {
  const delivery = read(link, '_incomplete');
  if (typeof delivery !== 'object' || delivery === null) return 0;
  const frames = read(delivery, 'frames');
  let bytes = 0;
  if (Array.isArray(frames)) for (const frame of frames) if (Buffer.isBuffer(frame)) bytes += frame.length;
  return bytes;
}
