import type { ApiActivity } from '../../timeline/ocsf/types.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';

/** What the name of an operation tells. */
export interface Operation {
  /** The name in lower case: rows of one operation differ in it. */
  readonly folded: string;
  readonly activity: ApiActivity['activity_id'];
  /** Set where the activity is of no kind that OCSF names. */
  readonly activityName?: string | undefined;
  /** The resource provider in lower case: `microsoft.compute`. */
  readonly provider: string;
}

const operations = new BoundedCache(parse, 2048);

/** Reads the name of an operation: `<provider>/<type>…/<write|delete|read|action>`, in any case. */
export const operationOf = (name: string): Operation => operations.get(name);

function parse(name: string): Operation {
  const folded = name.toLowerCase();
  const segments = folded.split('/');
  const provider = segments[0] ?? '';
  switch (segments.at(-1)) {
    case 'write':
      return { activity: 3, provider, folded };
    case 'delete':
      return { activity: 4, provider, folded };
    case 'read':
      return { activity: 2, provider, folded };
    case 'action': {
      const verb = segments.at(-2) ?? '';
      // `listKeys/action`, `listClusterAdminCredential/action`: they read what a plain read would not show.
      if (/^(?:list|get|read)/.test(verb)) return { activity: 2, provider, folded };
      return { activity: 99, activityName: verb.slice(0, 128) || 'action', provider, folded };
    }
    default:
      return { activity: 0, provider, folded };
  }
}
