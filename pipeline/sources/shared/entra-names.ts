import type { Json } from '../../../platform/json.ts';
import { BoundedCache } from './bounded-cache.ts';

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const BARE_GUID = /^[0-9a-f]{32}$/;
const UPN = /^[^\s@/\\:]+@[\w-]+(?:\.[\w-]+)+$/;
const LONGEST_UPN = 256;
const GUEST_MARK = 'live.com#';

/** What reading a text gave, boxed, for a cache keeps no undefined. */
interface Read {
  readonly text: string | undefined;
}

const guids = new BoundedCache<Read>((text) => ({ text: readGuid(text) }));
const upns = new BoundedCache<Read>((text) => ({ text: readUpn(text) }));

/** A GUID in lower case with dashes; role assignments write them without. Undefined for anything else. */
export function guidOf(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || (value.length !== 36 && value.length !== 32)) return undefined;
  return guids.get(value).text;
}

function readGuid(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (GUID.test(lower)) return lower;
  if (!BARE_GUID.test(lower)) return undefined;
  return `${lower.slice(0, 8)}-${lower.slice(8, 12)}-${lower.slice(12, 16)}-${lower.slice(16, 20)}-${lower.slice(20)}`;
}

/**
 * A user principal name or e-mail address, without the mark of the provider that Entra puts before a guest's
 * (`live.com#ada@contoso.example`). Undefined for anything else, and for names of Kubernetes (`system:…`).
 */
export function upnOf(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_UPN) return undefined;
  return upns.get(value).text;
}

function readUpn(text: string): string | undefined {
  if (!UPN.test(text)) return undefined;
  return text.startsWith(GUEST_MARK) ? text.slice(GUEST_MARK.length) : text;
}
