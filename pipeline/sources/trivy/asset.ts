import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { scanTargetKey } from '../../timeline/entity-keys.ts';
import type { ResourceDetails } from '../../timeline/ocsf/types.ts';
import { repositoryAt, withoutCredentials, type ScannedAsset } from '../shared/code-repository.ts';
import { imageOf } from '../shared/container-image.ts';

const ADDRESS = /^(?:[a-z][a-z0-9+.-]{0,30}:\/\/|[^/\s]{1,100}@|github\.com\/)/i;

/**
 * What was scanned: an image by its reference, a repository by its address, which Trivy finds for folders too, anything else by the name that the report
 * has. Types of artifacts: pkg/fanal/types/artifact.go of Trivy.
 */
export function assetOf(artifact: string, record: JsonObject): ScannedAsset {
  const metadata = objectOf(record['Metadata']);
  const type = record['ArtifactType'];
  if (type === 'container_image') return imageOf(withoutCredentials(artifact), textsOf(metadata?.['RepoTags']));
  const address = textOf(metadata?.['RepoURL']);
  if (address !== undefined) return repositoryAt(address);
  if (type === 'repository' && ADDRESS.test(artifact)) return repositoryAt(artifact);
  const name = withoutCredentials(artifact);
  return { key: scanTargetKey(name), name };
}

/** The same as a resource of OCSF. */
export function resourceOf({ key, name }: ScannedAsset, record: JsonObject): ResourceDetails {
  const metadata = objectOf(record['Metadata']);
  return {
    uid: key,
    uid_alt: textOf(metadata?.['ImageID']),
    name,
    type: textOf(record['ArtifactType']),
    version: textOf(metadata?.['Commit']),
    labels: textsOf(metadata?.['RepoDigests']),
    role_id: 3,
  };
}

export const textsOf = (value: Json | undefined): string[] =>
  (arrayOf(value) ?? []).filter((text) => typeof text === 'string');
