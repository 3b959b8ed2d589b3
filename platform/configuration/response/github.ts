import { z } from 'zod';
import { endpoint } from '../../azure/endpoints.ts';
import { variableName } from '../variable-name.ts';

/** The configuration's `response.github`: how GitHub is reached. */
export const githubSection = z
  .strictObject({
    /** Of the REST API; of GitHub Enterprise Server `https://<host>/api/v3`. */
    base: endpoint.default('https://api.github.com'),
    /** The GitHub App that acts for Crosstrail. */
    app: z
      .strictObject({
        clientId: z.string().regex(/^[\w.-]{1,64}$/, 'expected the client id of a GitHub App'),
        /** The environment variable that holds its private key, in PEM. */
        keyVariable: variableName,
      })
      .optional(),
    /** The environment variable that holds a token of an owner of the organization, in place of the app's. */
    tokenVariable: variableName.optional(),
  })
  .prefault({});
