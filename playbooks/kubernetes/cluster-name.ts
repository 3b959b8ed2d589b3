/** The name of a cluster for people: the last piece of its ARM id. */
export const clusterName = (cluster: string): string => cluster.slice(cluster.lastIndexOf('/') + 1);
