import { describe, expect, it } from 'vitest';
import { observationOf } from '../../pipeline/correlation/observe.ts';
import { builtinRules } from '../../pipeline/detection/builtin.ts';
import { loadRules } from '../../pipeline/detection/loading/load.ts';
import { readBody } from '../../pipeline/read-body.ts';
import type { StoredEvent } from '../../pipeline/timeline/codec.ts';
import { parseDirectory } from '../../pipeline/timeline/identity/directory.ts';
import type { Chain } from './chain.ts';
import { CHAINS } from './chains.ts';

const rules = await loadRules([builtinRules()]);

/** The events of a chain, in its order. Throws where a record is no event of its source. */
const eventsOf = ({ records }: Chain): StoredEvent[] =>
  records.map(({ source, record }) => {
    const { accepted, rejected } = readBody(new TextEncoder().encode(JSON.stringify(record)), rules);
    const [first, ...others] = accepted;
    if (first === undefined || others.length > 0) throw new Error(rejected.map(({ reason }) => reason).join());
    if (first.event.source !== source) throw new Error(`read as ${first.event.source}, written for ${source}`);
    return first.event;
  });

const played = CHAINS.map((chain) => ({ name: chain.name, chain, events: eventsOf(chain) }));

/** Whether all of `some` stand in `all`, in their order. */
function inOrder(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const one of all) if (one === some[at]) at++;
  return at === some.length;
}

describe.each(played)('$name', ({ chain, events }) => {
  const { expected, records, directory } = chain;

  it('has records of two sources or more, each read as its own, in order of time', () => {
    expect(new Set(records.map(({ source }) => source)).size).toBeGreaterThanOrEqual(2);
    // CloudTrail tells whole seconds.
    const times = events.map(({ time }) => Math.floor(time / 1000));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times).toEqual(records.map(({ time }) => Math.floor(time / 1000)));
  });

  it('has a rule that fires on each step', () => {
    const found = events.filter(({ signals }) => signals.length > 0);
    const operations = found.map((event) => observationOf(event).action.operation.toLowerCase());
    const steps = expected.steps.map((step) => step.toLowerCase());
    expect(inOrder(steps, operations), `expected ${steps.join(', ')}\nin ${operations.join(', ')}`).toBe(true);
    const techniques = new Set(found.flatMap(({ signals }) => signals.flatMap((signal) => signal.techniques)));
    expect([...techniques]).toEqual(expect.arrayContaining([...expected.techniques]));
  });

  it('names its principals', () => {
    const labels = new Set(events.flatMap(({ entities }) => entities.map(({ label }) => label)));
    expect([...labels]).toEqual(expect.arrayContaining([...expected.principals]));
  });

  it('has a directory that can be read, or none', () => {
    if (directory === undefined) return;
    const { links, trusts } = parseDirectory(JSON.stringify(directory));
    expect(links.length + trusts.oidc.size + trusts.saml.size).toBeGreaterThan(0);
  });
});

describe('the chains together', () => {
  it('are at least twelve, and use all four sources', () => {
    expect(CHAINS.length).toBeGreaterThanOrEqual(12);
    expect(new Set(CHAINS.map(({ name }) => name)).size).toBe(CHAINS.length);
    const sources = new Set(CHAINS.flatMap(({ records }) => records.map(({ source }) => source)));
    expect([...sources].sort()).toEqual(['aks-audit', 'azure-activity', 'cloudtrail', 'entra']);
  });

  it('have no event twice, and nobody in common', () => {
    const ids = played.flatMap(({ events }) => events.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    const chainsOf = Map.groupBy(
      played.flatMap(({ name, events }) =>
        [...new Set(events.map(({ principal }) => principal))].map((principal) => ({ name, principal })),
      ),
      ({ principal }) => principal,
    );
    expect([...chainsOf].filter(([, chains]) => chains.length > 1)).toEqual([]);
  });
});
