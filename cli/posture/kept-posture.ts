import type { PipelineIdentity } from '../../platform/pipeline-identities.ts';
import type { Tables } from '../../platform/storage/ports.ts';
import { driftOf } from '../../pipeline/posture/drift.ts';
import type { ConditionEpisode } from '../../pipeline/posture/posture-conditions.ts';
import type { PostureMark } from '../../pipeline/posture/posture-mark.ts';
import { PostureStore } from '../../pipeline/posture/posture-store.ts';
import { shownConditions, type ShownCondition } from './shown-condition.ts';

/** What a deployment keeps of what is and was weak. Who changed it is told as the events say it. */
export async function keptPosture(
  tables: Tables,
  pipelines: readonly PipelineIdentity[],
): Promise<readonly ShownCondition[]> {
  const episodes: ConditionEpisode[] = [];
  for await (const episode of new PostureStore(tables).list()) episodes.push(episode);
  const who = ({ principal, entities }: PostureMark) => ({
    principal,
    label: entities.find(({ key }) => key === principal)?.label,
  });
  return shownConditions(episodes, who, (resource, mark) => driftOf(resource, mark, pipelines));
}
