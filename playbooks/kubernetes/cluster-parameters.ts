import { armIdParameter } from '../contract/parameters.ts';

/** The ARM id of a cluster of AKS, in lower case. */
export const clusterParameter = armIdParameter('Microsoft.ContainerService/managedClusters')
  .transform((id) => id.toLowerCase())
  .describe('The cluster, by its resource id in Azure; one of response.clusters.');
