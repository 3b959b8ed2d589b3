import { z } from 'zod';

/** An account of AWS that responses may act in, and as whom. */
const account = z
  .strictObject({
    account: z.string().regex(/^\d{12}$/, 'expected an AWS account of 12 digits, in quotes'),
    /** The role that is taken. What each action needs of it: `crosstrail permissions export`. */
    roleArn: z
      .string()
      .max(2048)
      .regex(/^arn:aws[a-z-]{0,20}:iam::\d{12}:role\/[\x21-\x7e]{1,512}$/, 'expected the ARN of a role')
      .optional(),
    /** Of STS and IAM. Network ACLs and IP sets name their own. */
    region: z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z]+){1,3}-\d$/, 'expected a region such as eu-central-1')
      .default('us-east-1'),
    /** A profile of the AWS configuration, in place of the SDK's default credentials. */
    profile: z.string().min(1).max(256).optional(),
    externalId: z.string().min(2).max(1224).optional(),
    /** The role is taken with a token of the function app's managed identity: no secret is stored anywhere. */
    webIdentity: z
      .strictObject({
        /** The Application ID URI that the token is for, as the identity provider in AWS names it: `api://…`. */
        audience: z
          .string()
          .max(255)
          .regex(/^(?:api|https):\/\/[\w.~/-]{1,245}$/, 'expected an Application ID URI such as api://crosstrail-aws'),
      })
      .optional(),
  })
  .superRefine(({ account: digits, roleArn, profile, externalId, webIdentity }, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (roleArn !== undefined && roleArn.split(':')[4] !== digits) {
      refuse('roleArn', `expected a role of the account ${digits}`);
    }
    if (externalId !== undefined && (roleArn === undefined || webIdentity !== undefined)) {
      refuse('externalId', 'an external id goes with a roleArn that is taken without webIdentity');
    }
    if (webIdentity !== undefined && roleArn === undefined) refuse('webIdentity', 'expected a roleArn to take with it');
    if (webIdentity !== undefined && profile !== undefined)
      refuse('profile', 'expected webIdentity or profile, not both');
  });

/** The configuration's `response.aws`. */
export const awsSection = z
  .strictObject({
    /** An account that is not named here is never acted in. */
    accounts: z.array(account).max(1000).default([]),
  })
  .superRefine(({ accounts }, context) => {
    const seen = new Set<string>();
    for (const [at, { account: digits }] of accounts.entries()) {
      if (seen.has(digits)) {
        const message = `the account ${digits} is named twice`;
        context.addIssue({ code: 'custom', path: ['accounts', at, 'account'], message });
      }
      seen.add(digits);
    }
  })
  .prefault({});

export type AwsAccountSettings = z.infer<typeof account>;
