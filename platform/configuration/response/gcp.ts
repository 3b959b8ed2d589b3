import { z } from 'zod';
import { endpoint } from '../../azure/endpoints.ts';
import { variableName } from '../variable-name.ts';

/** How Google takes a token of Entra for one of its own. https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds */
const federation = z.strictObject({
  /** The provider of the workload identity pool. */
  audience: z
    .string()
    .regex(
      /^\/\/iam\.googleapis\.com\/projects\/\d{1,20}\/locations\/global\/workloadIdentityPools\/[a-z0-9-]{4,32}\/providers\/[a-z0-9-]{4,32}$/,
      'expected the full name of a provider, which begins with //iam.googleapis.com/projects/',
    ),
  /** The application of Entra that the provider takes tokens for: `api://<id>/.default`. */
  scope: z.string().regex(/^[\w:/.-]{1,200}\/\.default$/, 'expected a scope such as api://<application>/.default'),
  /** As which service account to act; none where the pool's own identity has the roles. */
  serviceAccount: z
    .string()
    .regex(/^[a-z0-9-]{1,63}@[a-z0-9.-]{1,200}\.gserviceaccount\.com$/, 'expected the address of a service account')
    .optional(),
});

/** The configuration's `response.gcp`: how Google Cloud is reached. */
export const gcpSection = z
  .strictObject({
    endpoints: z
      .strictObject({
        iam: endpoint.default('https://iam.googleapis.com'),
        sts: endpoint.default('https://sts.googleapis.com'),
        iamCredentials: endpoint.default('https://iamcredentials.googleapis.com'),
      })
      .prefault({}),
    federation: federation.optional(),
    /** The environment variable that holds an access token, in place of `federation`. It lasts an hour: for trying things. */
    tokenVariable: variableName.optional(),
  })
  .refine(({ federation: federated, tokenVariable }) => federated === undefined || tokenVariable === undefined, {
    path: ['tokenVariable'],
    message: 'expected federation or tokenVariable, not both',
  })
  .prefault({});

export type GcpSettings = z.infer<typeof gcpSection>;
