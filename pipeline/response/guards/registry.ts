import { breaker } from './breaker.ts';
import { decision } from './decision.ts';
import type { Guard } from './guard.ts';
import { irreversible } from './irreversible.ts';
import { maintenance } from './maintenance.ts';
import { neverGroup } from './never-group.ts';
import { neverNetwork } from './never-network.ts';
import { neverPrincipal } from './never-principal.ts';
import { neverResource } from './never-resource.ts';
import { privileged } from './privileged.ts';
import { rate } from './rate.ts';
import { share } from './share.ts';
import { wideNetwork } from './wide-network.ts';

/** All guards, in the order in which people are told what they say: what is never touched first. */
export const GUARDS: readonly Guard[] = [
  neverPrincipal,
  neverGroup,
  neverNetwork,
  neverResource,
  privileged,
  wideNetwork,
  decision,
  irreversible,
  share,
  rate,
  breaker,
  maintenance,
];
