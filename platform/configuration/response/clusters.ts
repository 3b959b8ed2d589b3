import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { endpoint } from '../../azure/endpoints.ts';
import { variableName } from '../variable-name.ts';

const CLUSTER =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[\w.()-]{1,90}\/providers\/microsoft\.containerservice\/managedclusters\/[\w-]{1,63}$/;

const isCertificate = (text: string): boolean => text.includes('-----BEGIN CERTIFICATE-----');

const cluster = z.strictObject({
  /** Its ARM id, as keys of Kubernetes objects name it. */
  id: z
    .string()
    .max(512)
    .transform((id) => id.toLowerCase())
    .refine((id) => CLUSTER.test(id), 'expected the resource id of a Microsoft.ContainerService/managedClusters'),
  /** Its API server. Without it, Azure is asked for it, and for its certificate authority. */
  server: endpoint.optional(),
  /** Who vouches for the API server: certificates in PEM, or a file of them. */
  certificateAuthority: z
    .string()
    .max(65_536)
    .refine(
      (text) => isCertificate(text) || isAbsolute(text),
      'expected certificates in PEM, or the absolute path of a file of them',
    )
    .optional(),
  /** The environment variable that holds a token of the cluster. Without it, a token of Entra is used. */
  tokenVariable: variableName.optional(),
});

/** The configuration's `response.clusters`: the Kubernetes clusters that responses may act upon. No other is. */
export const clustersSection = z
  .array(cluster)
  .max(500)
  .superRefine((clusters, context) => {
    const met = new Set<string>();
    for (const [at, { id }] of clusters.entries()) {
      if (met.has(id)) context.addIssue({ code: 'custom', path: [at, 'id'], message: 'this cluster is named twice' });
      met.add(id);
    }
  })
  .default([]);

export type ClusterSettings = z.infer<typeof cluster>;
