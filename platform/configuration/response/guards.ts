import { z } from 'zod';
import { duration } from '../duration-text.ts';

const network = z.union([z.cidrv4(), z.cidrv6()], 'expected a network such as 203.0.113.0/24');

const IAM_GROUP = /^arn:aws[a-z-]{0,20}:iam::\d{12}:group\/[\x21-\x7e]{1,640}$/;
const EXPECTED_GROUP = 'expected the object id of a group of Entra, or the ARN of a group of IAM';
const group = z.union([z.guid(), z.string().regex(IAM_GROUP)], EXPECTED_GROUP);

/** Whom a configuration means: without an asterisk, which would mean nobody, for none of these names has one. */
export const identity = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^*]*$/, 'expected one identity, without an asterisk');

/** Of which an asterisk stands for what follows, and for nothing within. */
const resource = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^*]*\*?$/, 'expected a key, or the beginning of one with an asterisk at its end only');

/** So many changes of an action in a span. */
const rate = z.strictObject({ changes: z.int().min(0).max(10_000), per: duration });

/** The configuration's `response.guards`: what no response touches, and how much it does at most. */
export const guardsSection = z
  .strictObject({
    /** Keys, object ids, user principal names, ARNs or names of whom nothing is done to: break-glass accounts first of all. */
    neverPrincipals: z.array(identity).max(1000).default([]),
    /** Groups whose members nothing is done to: object ids in Entra, ARNs in IAM. */
    neverGroups: z.array(group).max(1000).default([]),
    /** Networks that are never blocked, beside private ones, platforms' own and one's own egress. */
    neverNetworks: z.array(network).max(10_000).default([]),
    /** Resources, and all within them, that are never changed: keys, or beginnings that end in an asterisk. */
    neverResources: z.array(resource).max(1000).default([]),
    /** Whether somebody privileged may be acted upon: never, or where a person approves it. */
    privileged: z.enum(['never', 'approve']).default('approve'),
    /** Changes of one action. */
    rate: rate.prefault({ changes: 20, per: '1h' }),
    /** The same by the name of the action, in place of `rate`. */
    rates: z.record(z.string(), rate).default({}),
    /** At most this share of the things of a kind, of those actions that know how many there are: 0 to 1. */
    share: z.number().min(0).max(1).default(0.25),
    /** When nothing is done without a person: days in English, times in UTC. */
    maintenance: z
      .array(
        z
          .strictObject({
            name: z.string().min(1).max(200),
            from: z.iso.datetime('expected a time such as 2026-11-20T22:00:00Z'),
            to: z.iso.datetime('expected a time such as 2026-11-21T02:00:00Z'),
          })
          .refine(({ from, to }) => Date.parse(from) < Date.parse(to), 'expected a window that ends after it begins'),
      )
      .max(100)
      .default([]),
    /** After so many failures of an action in a span it does nothing more until a person asks or the span is over. */
    breaker: z
      .strictObject({ failures: z.int().min(1).max(1000).default(3), per: duration.prefault('1h') })
      .prefault({}),
  })
  .prefault({});
