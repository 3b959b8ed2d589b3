import { z } from 'zod';
import { webAddress } from './web-address.ts';

const published = (url: string) =>
  z.strictObject({ enabled: z.boolean().default(true), url: webAddress.default(url) }).prefault({});

/** The configuration's `network`: where addresses are and whose. */
export const networkSection = z
  .strictObject({
    /** Files in MaxMind DB format (.mmdb), of cities, countries or autonomous systems; of one thing the first that says it counts. */
    databases: z.array(z.string().min(1)).max(20).default([]),
    /** Ranges of addresses that clouds publish. */
    providers: z
      .strictObject({
        /** https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html */
        aws: published('https://ip-ranges.amazonaws.com/ip-ranges.json'),
        /** https://docs.cloud.google.com/vpc/docs/access-apis-external-ip */
        gcp: published('https://www.gstatic.com/ipranges/cloud.json'),
        /**
         * The address of the file of service tags changes every week, so there is none by default.
         * https://www.microsoft.com/download/details.aspx?id=56519
         */
        azure: z
          .strictObject({ file: z.string().min(1).optional(), url: webAddress.optional() })
          .refine(({ file, url }) => file === undefined || url === undefined, 'expected file or url, not both')
          .prefault({}),
      })
      .prefault({}),
  })
  .prefault({});

export type NetworkSettings = z.infer<typeof networkSection>;

/** The settings with files found from where relative ones count. */
export function withNetworkFiles(settings: NetworkSettings, absolute: (path: string) => string): NetworkSettings {
  const { databases, providers } = settings;
  const { file } = providers.azure;
  const azure = file === undefined ? providers.azure : { ...providers.azure, file: absolute(file) };
  return { databases: databases.map(absolute), providers: { ...providers, azure } };
}
