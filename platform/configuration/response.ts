import { z } from 'zod';
import { duration } from './duration-text.ts';
import { approvalSection } from './response/approval.ts';
import { awsSection } from './response/aws.ts';
import { clustersSection } from './response/clusters.ts';
import { gcpSection } from './response/gcp.ts';
import { githubSection } from './response/github.ts';
import { guardsSection, identity } from './response/guards.ts';
import { ticketsSection } from './response/tickets.ts';

const name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected a name of lower-case letters, digits and hyphens');
const level = z.enum(['informational', 'low', 'medium', 'high', 'critical']);

/** One action of a playbook. */
const step = z.strictObject({
  /** Its name, as `crosstrail playbooks list` shows it. */
  action: name,
  /** Parameters that are the same for all targets; an incident gives the others. */
  with: z.record(z.string().max(64), z.json()).default({}),
  /** How long it holds; the action's own usual length unless told. */
  lease: duration.optional(),
  /** At most so many targets of an incident; one that has more is left to people. */
  most: z.int().min(1).max(100).default(10),
});

const playbook = z.strictObject({
  description: z.string().max(500).optional(),
  steps: z.array(step).min(1, 'expected one or more steps').max(20),
});

/** What an incident must be for a binding; each that is given must hold, and of a list one. */
const condition = z.strictObject({
  /** At least. */
  severity: level.optional(),
  decision: z
    .array(z.enum(['block', 'warn', 'monitor']))
    .min(1)
    .optional(),
  /** ATT&CK ids; one without a point means those below it too. */
  techniques: z
    .array(z.string().regex(/^T\d{4}(?:\.\d{3})?$/, 'expected a technique such as T1078 or T1078.004'))
    .min(1)
    .optional(),
  /** Ids of rules of which it has an alert. */
  rules: z.array(z.string().min(1).max(256)).min(1).optional(),
  /** Keys of assets that it touches, or beginnings that end in an asterisk. */
  assets: z.array(z.string().min(1).max(1024)).min(1).optional(),
  /** Of assets that it touches. */
  environments: z.array(z.string().min(1).max(64).toLowerCase()).min(1).optional(),
  clouds: z.array(z.string().min(1).max(64)).min(1).optional(),
  /** At least, 0 to 100. */
  score: z.number().min(0).max(100).optional(),
});

const binding = z.strictObject({
  name,
  playbook: name,
  when: condition.prefault({}),
  /** `observe`: only plans. `approve`: people decide. `automatic`: at once, what cannot be taken back excepted, which people decide. */
  mode: z.enum(['observe', 'approve', 'automatic']).default('observe'),
});

/** The configuration's `response`: what is done about incidents, by whose leave, and what is never touched. */
export const responseSection = z
  .strictObject({
    /** The one switch: `false` stops every change at once, undoing included unless a person asks. */
    enabled: z.boolean().default(true),
    playbooks: z.record(name, playbook).default({}),
    bindings: z.array(binding).max(200).default([]),
    guards: guardsSection,
    approval: approvalSection,
    aws: awsSection,
    clusters: clustersSection,
    gcp: gcpSection,
    github: githubSection,
    tickets: ticketsSection,
    /**
     * Identities that act for Crosstrail, as keys of the timeline or ids by which keys name them: what they do as a response says is no attack, and nothing is done to
     * them.
     */
    identities: z.array(identity).max(100).default([]),
  })
  .superRefine(({ playbooks, bindings }, context) => {
    for (const [at, { name: called, playbook: wanted }] of bindings.entries()) {
      if (!Object.hasOwn(playbooks, wanted)) {
        context.addIssue({
          code: 'custom',
          path: ['bindings', at, 'playbook'],
          message: `there is no playbook ${wanted}`,
        });
      }
      if (bindings.findIndex(({ name: other }) => other === called) !== at) {
        context.addIssue({
          code: 'custom',
          path: ['bindings', at, 'name'],
          message: `two bindings have the name ${called}`,
        });
      }
    }
  })
  .prefault({});

export type ResponseSettings = z.infer<typeof responseSection>;
export type BindingSettings = z.infer<typeof binding>;
export type PlaybookSettings = z.infer<typeof playbook>;
