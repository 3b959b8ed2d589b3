import { z } from 'zod';

/** An account and a region of AWS, and as whom they are asked: the default credentials, a profile, or a role assumed from either. */
export const awsTarget = z.strictObject({
  account: z
    .string()
    .regex(/^\d{12}$/, 'expected an AWS account of 12 digits, in quotes')
    .optional(),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected an AWS region such as eu-central-1'),
  roleArn: z.string().startsWith('arn:').optional(),
  externalId: z.string().optional(),
  profile: z.string().optional(),
});
