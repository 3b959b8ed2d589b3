import { z } from 'zod';

const GUID = '[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}';
const SCOPE = new RegExp(`^(?:/subscriptions/${GUID}(?:/[^/]+)*|aws:\\d{12}|entra:${GUID})$`, 'i');

/** An identity by which a pipeline deploys, and what only it is to change. */
const pipelineIdentity = z.strictObject({
  /**
   * The client id of an application or managed identity, the ARN of a role or user of AWS, the resource id of a managed identity, or a key
   * as `crosstrail entity` shows it.
   */
  identity: z.string().min(1).max(512),
  scopes: z
    .array(
      z
        .string()
        .max(512)
        .regex(
          SCOPE,
          'expected the id of an Azure subscription, resource group or resource, aws:<account> or entra:<tenant>',
        ),
    )
    .min(1, 'expected one or more scopes')
    .max(1000),
});

/** The configuration's `posture.pipelines`. */
export const pipelineIdentities = z.array(pipelineIdentity).max(1000).default([]);

export type PipelineIdentity = z.infer<typeof pipelineIdentity>;
