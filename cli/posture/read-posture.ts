import type { PipelineIdentity } from '../../platform/pipeline-identities.ts';
import { Identities } from '../../pipeline/correlation/identities.ts';
import { observationOf } from '../../pipeline/correlation/observe.ts';
import { driftOf } from '../../pipeline/posture/drift.ts';
import { LearnedPipelines } from '../../pipeline/posture/learned-pipelines.ts';
import { PostureConditions } from '../../pipeline/posture/posture-conditions.ts';
import type { PostureMark } from '../../pipeline/posture/posture-mark.ts';
import type { Source } from '../../pipeline/sources/source.ts';
import { isId } from '../../pipeline/incidents/story/people.ts';
import type { Directory } from '../../pipeline/timeline/identity/directory.ts';
import { readFile } from '../scan/read-file.ts';
import { shownConditions, type ShownCondition, type Who } from './shown-condition.ts';

export interface Posture {
  /** In order of time, the oldest first. */
  readonly conditions: readonly ShownCondition[];
  readonly rejected: number;
  /** Files that could not be read, with the reason. */
  readonly unreadable: readonly string[];
}

const NO_RULES = { match: () => [] };

/** Reads log files for what is and was weak. Memory grows with what changed and with the identities, not with the records. */
export async function readPosture(
  files: readonly string[],
  options: {
    readonly directory: Directory | undefined;
    readonly source: Source | undefined;
    readonly pipelines: readonly PipelineIdentity[];
  },
): Promise<Posture> {
  const { directory, source, pipelines } = options;
  const identities = new Identities(directory);
  const conditions = new PostureConditions({ events: Infinity, groups: Infinity });
  const learned = new LearnedPipelines();
  const labels = new Map<string, string>();
  const unreadable: string[] = [];
  let rejected = 0;
  for (const file of files) {
    for await (const piece of readFile(file, NO_RULES, source)) {
      if (piece.unreadable) unreadable.push(`${file}: ${piece.rejected[0]?.reason ?? 'it cannot be read'}`);
      else rejected += piece.rejected.length;
      for (const { event } of piece.accepted) {
        const observation = observationOf(event, directory?.trusts);
        identities.learn(observation.links);
        conditions.take(observation);
        learned.take(observation);
        for (const { key, label, part } of event.entities) {
          const known = labels.get(key);
          // The same name, whatever the order of the events.
          if (part === 'actor' && label !== undefined && !isId(label) && (known === undefined || label < known))
            labels.set(key, label);
        }
      }
    }
  }
  const who = (mark: PostureMark): Who => {
    const principal = identities.principalOf(mark);
    return { principal, label: labels.get(principal) ?? labels.get(mark.principal) };
  };
  const drift = (resource: string, mark: PostureMark) =>
    driftOf(resource, mark, pipelines, identities) ?? learned.driftOf(resource, mark, identities);
  return { conditions: shownConditions(conditions.all(), who, drift), rejected, unreadable };
}
