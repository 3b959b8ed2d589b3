import { z } from 'zod';
import { duration } from './duration-text.ts';
import { webAddress } from './web-address.ts';

/** A secret is named, never written: the variable of the environment that holds it. */
const environment = z.string().regex(/^[A-Za-z_]\w{0,127}$/, 'expected the name of an environment variable');

/** How a server is told who asks. */
const authorization = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('basic'), user: z.string().min(1).max(256), environment }),
  z.strictObject({ scheme: z.literal('bearer'), environment }),
  z.strictObject({
    scheme: z.literal('header'),
    header: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'expected the name of a header, such as x-api-key'),
    environment,
  }),
]);

/** Which column of a CSV file has what; by its first line. */
const columns = z.strictObject({
  value: z.string().min(1),
  id: z.string().optional(),
  description: z.string().optional(),
  confidence: z.string().optional(),
  labels: z.string().optional(),
  validFrom: z.string().optional(),
  validUntil: z.string().optional(),
});

const source = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9-]{1,64}$/, 'expected lower-case letters, digits and hyphens'),
    /** Relative paths count from the configuration. */
    file: z.string().min(1).optional(),
    url: webAddress.optional(),
    /** A collection of a TAXII 2.1 server: `https://taxii.contoso.example/api1/collections/<id>/`. */
    taxii: webAddress.optional(),
    /** Of files and addresses; by the end of the name unless told: `.csv`; `.json` is STIX; anything else a list. */
    format: z.enum(['list', 'csv', 'stix']).optional(),
    columns: columns.optional(),
    authorization: authorization.optional(),
    /** 0 to 100, of indicators of which the source says none. */
    confidence: z.int().min(0).max(100).default(60),
    /** How long an indicator counts that says no end itself: since it was last changed, or last seen in a list. */
    expires: duration.prefault('30d'),
    labels: z.array(z.string().min(1).max(100)).max(20).default([]),
    /** More are not held in memory. */
    maxIndicators: z.int().min(1).max(2_000_000).default(200_000),
  })
  .refine(
    ({ file, url, taxii }) => [file, url, taxii].filter((each) => each !== undefined).length === 1,
    'expected one of file, url and taxii',
  )
  .refine(({ file, authorization }) => file === undefined || authorization === undefined, {
    path: ['authorization'],
    error: 'a file needs none',
  });

const DOMAIN = /^(?:[\p{L}\p{N}_-]{1,63}\.)+[\p{L}\p{N}-]{2,63}$/u;

const ignored = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6(), z.string().max(253).regex(DOMAIN)],
  'expected an address, a network such as 203.0.113.0/24, or a domain such as contoso.example',
);

/** The configuration's `threatIntel`: who tells of attackers' addresses and domains. */
export const threatIntelSection = z
  .strictObject({
    sources: z
      .array(source)
      .max(50)
      .refine((sources) => new Set(sources.map(({ name }) => name)).size === sources.length, 'two have the same name')
      .default([]),
    /** How far back events are looked for of an address that a source names anew; `0s`: not at all. */
    lookBack: duration.prefault('7d'),
    /** Addresses, networks and domains that are nobody's but one's own or a partner's, whatever a source says of them. */
    ignore: z.array(ignored).max(10_000).default([]),
  })
  .prefault({});

export type ThreatIntelSettings = z.infer<typeof threatIntelSection>;
export type IntelSourceSettings = ThreatIntelSettings['sources'][number];

/** The settings with files found from where relative ones count. */
export const withIntelFiles = (
  settings: ThreatIntelSettings,
  absolute: (path: string) => string,
): ThreatIntelSettings => ({
  ...settings,
  sources: settings.sources.map((each) => (each.file === undefined ? each : { ...each, file: absolute(each.file) })),
});
