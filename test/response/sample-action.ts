import { z } from 'zod';
import { defineAction, type Action, type Change, type Plan } from '../../playbooks/contract/action.ts';
import { ActionError } from '../../playbooks/contract/action-error.ts';
import { addressParameter } from '../../playbooks/contract/parameters.ts';
import { textOf } from '../../platform/json.ts';

/** A list of addresses that a made-up service blocks: what the sample action changes. */
export class Blocklist {
  readonly blocked = new Set<string>();
  /** Effective changes, in order. */
  readonly writes: string[] = [];
}

const MINUTE = 60_000;

/** An action on a list in memory, with all that the contract has, for tests of those that run, show and describe actions. */
export function sampleAction(list: Blocklist): Action {
  const addressOf = ({ after }: Change): string => textOf(after) ?? '';
  const blocked = (change: Change): boolean => list.blocked.has(addressOf(change));
  return defineAction({
    name: 'sample-block',
    group: 'azure',
    title: 'Block an address in a list',
    description: 'Adds an address to a list that denies. Connections that exist go on.',
    parameters: z.strictObject({
      list: z
        .string()
        .regex(/^[a-z]{1,20}$/)
        .describe('The list.'),
      address: addressParameter.describe('The address or network.'),
      direction: z.enum(['inbound', 'both']).default('both').describe('Which way.'),
      ports: z.array(z.int().min(1)).optional().describe('Only these ports.'),
      tags: z.array(z.string().max(20)).optional().describe('Words to find it by.'),
      hard: z.boolean().optional().describe('Whether connections are cut.'),
    }),
    permissions: {
      azure: [
        'Microsoft.Network/networkSecurityGroups/read',
        'Microsoft.Network/networkSecurityGroups/securityRules/write',
      ],
      notes: ['Also allows to open ports.'],
    },
    reversibility: 'reversible',
    lease: { usual: 240 * MINUTE, longest: 1440 * MINUTE },
    blocks: ({ address }) => [address],
    operations: ['SAMPLE/BLOCK'],
    plan: ({ list: name, address }) => {
      if (name === 'gone') return Promise.reject(new ActionError('absent', 'there is no list gone'));
      const target = { kind: 'list', id: `list/${name}`, label: name };
      const plan: Plan = {
        target,
        changes: [
          {
            id: 'entry',
            holds: `sample-block|list/${name}|${address}`,
            summary: `Block ${address} in ${name}`,
            target,
            before: null,
            after: address,
            undo: `Remove ${address} from ${name}`,
          },
        ],
        affects: ['Nobody else'],
        residual: [{ what: 'connections that exist', lasts: 60 * MINUTE }, { what: 'what was copied' }],
        subjects: [{ kind: 'address', value: address }],
      };
      return Promise.resolve(plan);
    },
    execute: (change) => {
      if (!blocked(change)) list.writes.push(`block ${addressOf(change)}`);
      list.blocked.add(addressOf(change));
      return Promise.resolve();
    },
    verify: (change) => Promise.resolve({ is: blocked(change) ? 'held' : 'absent' }),
    undo: (change) => {
      if (blocked(change)) list.writes.push(`unblock ${addressOf(change)}`);
      list.blocked.delete(addressOf(change));
      return Promise.resolve();
    },
  });
}
