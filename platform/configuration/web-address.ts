import { z } from 'zod';

const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost', '[::1]']);

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.has(hostname));
}

/** An address that something is had from: https, or on this machine also http. Without credentials. */
export const webAddress = z
  .string()
  .max(2048)
  .refine(isWebAddress, 'expected an address that begins with https://, without user and password');
