import { threatIntelSection, type IntelSourceSettings } from '../../../platform/configuration/threat-intel.ts';
import type { JsonObject } from '../../../platform/json.ts';

/** The settings of one source, defaults filled in. */
export function sourceSettings(settings: JsonObject): IntelSourceSettings {
  const [source] = threatIntelSection.parse({ sources: [{ name: 'contoso-intel', ...settings }] }).sources;
  if (source === undefined) throw new Error('no source');
  return source;
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An indicator as STIX 2.1 has it. @param end the last two digits of its id */
export const stixIndicator = (end: string, pattern: string, more: JsonObject = {}): JsonObject => ({
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--00000000-0000-4000-8000-0000000000${end}`,
  created: '2026-11-01T08:00:00.000Z',
  modified: '2026-11-01T08:00:00.000Z',
  name: 'Phishing kit of an invented group',
  indicator_types: ['malicious-activity'],
  pattern,
  pattern_type: 'stix',
  valid_from: '2026-11-01T08:00:00Z',
  ...more,
});

export const stixBundle = (...objects: readonly JsonObject[]): string =>
  JSON.stringify({ type: 'bundle', id: 'bundle--00000000-0000-4000-8000-0000000000b1', objects });
