import type { ResponseSettings } from '../../../platform/configuration/response.ts';
import { textOf, type Json } from '../../../platform/json.ts';

const ARM_ID = /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\/[\w.()-]{1,260}){0,12}$/i;

/** Ids of Azure that playbooks name for an action, each once. */
export function idsOf({ playbooks }: Pick<ResponseSettings, 'playbooks'>, action: string): readonly string[] {
  const given = Object.values(playbooks)
    .flatMap(({ steps }) => steps.filter((step) => step.action === action))
    .flatMap((step) =>
      Object.values(step.with).flatMap((value: Json | undefined) => (Array.isArray(value) ? value : [value])),
    )
    .map((value) => textOf(value))
    .filter((id) => id !== undefined && ARM_ID.test(id));
  return [...new Set(given)].filter((id) => id !== undefined);
}
