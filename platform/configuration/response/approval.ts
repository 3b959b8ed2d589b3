import { z } from 'zod';
import { endpoint } from '../../azure/endpoints.ts';
import { duration } from '../duration-text.ts';
import { webAddress } from '../web-address.ts';

const guid = (what: string) => z.guid(`expected ${what}`).transform((text) => text.toLowerCase());
const person = guid('the object id of a user');

/** Somebody of a workspace of Slack, and who it is in Entra: nobody is believed to be whom a display name says. */
const slackUser = z.strictObject({
  approver: person,
  /** By which incidents may know the same person. */
  userPrincipalName: z
    .string()
    .max(320)
    .regex(/^[^\s@]+@[^\s@]+$/, 'expected a user principal name'),
});

const variable = (example: string) =>
  z.string().regex(/^[A-Z][A-Z0-9_]{0,127}$/, `expected the name of an environment variable, such as ${example}`);

const slack = z.strictObject({
  /** The workspace: `T…`, or `E…` of an organization. */
  team: z.string().regex(/^[TE][A-Z0-9]{2,20}$/, 'expected the id of a workspace, such as T0123456789'),
  /** The environment variable that holds the app's signing secret. */
  signingSecretVariable: variable('SLACK_SIGNING_SECRET'),
  /** The environment variable that holds the address of an incoming webhook of the app, where people are asked; undefined to ask nobody in Slack. */
  webhookVariable: variable('SLACK_WEBHOOK').optional(),
  /** By the id of the user in Slack. */
  users: z
    .record(z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'expected the id of a user, such as U0123456789'), slackUser)
    .default({}),
  /** Where messages are posted; what a press of a button or the webhook's variable names elsewhere is not called. */
  hooks: endpoint.default('https://hooks.slack.com'),
});

/** The configuration's `response.approval`: who may approve what a response would do, and how they are known. */
export const approvalSection = z
  .strictObject({
    /** The tenant of those who approve. */
    tenant: guid('the id of a tenant').optional(),
    /** The client id of the app registration that App Service authentication uses: tokens for anything else are refused. */
    audience: guid('the client id of an app registration').optional(),
    /** Object ids of users who may approve. */
    approvers: z.array(person).max(1000).default([]),
    /** Object ids of groups whose members may approve, as far as tokens list groups. */
    approverGroups: z.array(guid('the object id of a group')).max(100).default([]),
    /** Values of app roles whose holders may approve. Tokens always list them, however many groups somebody is in. */
    approverRoles: z
      .array(z.string().regex(/^[\w.:-]{1,120}$/, 'expected the value of an app role, such as Crosstrail.Approve'))
      .max(100)
      .default([]),
    /** How many different people must approve. */
    quorum: z.int().min(1).max(20).default(1),
    /** Nobody's answer until then is a no. */
    timeout: duration
      .refine((span) => span >= 60_000 && span <= 7 * 86_400_000, 'expected a span from 1m to 7d')
      .prefault('1h'),
    slack: slack.optional(),
    /** The address of the function app, for links: `https://contoso-crosstrail.azurewebsites.net`. */
    baseUrl: webAddress
      .refine((text) => /^[a-z]+:\/\/[^/?#]*\/?$/i.test(text), 'expected an address without a path')
      .transform((text) => new URL(text).origin)
      .optional(),
  })
  .superRefine(({ approvers, approverGroups, approverRoles, quorum, slack: chat }, context) => {
    const known = new Set(approvers);
    for (const [user, { approver }] of Object.entries(chat?.users ?? {})) {
      if (known.has(approver)) continue;
      const message = `approvers does not name ${approver}: groups and roles cannot be seen from Slack`;
      context.addIssue({ code: 'custom', path: ['slack', 'users', user, 'approver'], message });
    }
    const byName = approverGroups.length === 0 && approverRoles.length === 0 && known.size > 0;
    if (byName && quorum > known.size) {
      const message = `expected at most ${known.size}: no more people may approve`;
      context.addIssue({ code: 'custom', path: ['quorum'], message });
    }
  })
  .prefault({});

export type ApprovalSettings = z.infer<typeof approvalSection>;
