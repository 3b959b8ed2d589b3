import type { NeededPermissions } from './needed-permissions.ts';

/** A custom role of Google Cloud, as `gcloud iam roles create --file` takes it; undefined where nothing of Google Cloud is needed. */
export function gcpRole({ gcp }: NeededPermissions): object | undefined {
  if (gcp.length === 0) return undefined;
  return {
    title: 'Crosstrail Responder',
    description: 'What the response actions enabled in Crosstrail need, and nothing more.',
    stage: 'GA',
    includedPermissions: gcp,
  };
}
