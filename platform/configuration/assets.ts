import { z } from 'zod';
import { awsTarget } from './aws-target.ts';

const guid = z.string().regex(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i, 'expected the GUID of a subscription');

const managementGroup = z
  .string()
  .regex(/^[A-Za-z0-9()._-]{1,90}$/, 'expected the id of a management group, not its resource id');

const tagNames = (...names: readonly string[]) =>
  z
    .array(z.string().min(1).max(512))
    .max(20)
    .default([...names]);

/** The configuration's `assets`: where it says what there is, who owns it and how important it is. */
export const assetsSection = z
  .strictObject({
    /** Inventories in JSON or CSV; relative paths count from the configuration. */
    files: z.array(z.string()).max(100).default([]),
    /** Azure Resource Graph: read where this is there; all that the identity may read where it names nothing. */
    azure: z
      .strictObject({
        subscriptions: z.array(guid).max(10_000).default([]),
        managementGroups: z.array(managementGroup).max(100).default([]),
      })
      .optional(),
    aws: z
      .strictObject({
        /** AWS Config in these accounts and regions; with `aggregator`, in all that it gathers. */
        targets: z
          .array(awsTarget.extend({ aggregator: z.string().min(1).max(256).optional() }))
          .max(1000)
          .default([]),
      })
      .prefault({}),
    /** Tags that say what of a resource; of several the first that it has. */
    tags: z
      .strictObject({
        owner: tagNames('owner', 'contact', 'team'),
        environment: tagNames('environment', 'env', 'stage'),
        importance: tagNames('importance', 'criticality', 'business-criticality'),
        dataClass: tagNames('data-class', 'dataclass', 'data-classification', 'dataclassification'),
      })
      .prefault({}),
  })
  .prefault({});

/** What the section says, with absolute files. */
export const withAssetFiles = (
  section: z.infer<typeof assetsSection>,
  absolute: (file: string) => string,
): z.infer<typeof assetsSection> => ({ ...section, files: section.files.map(absolute) });
