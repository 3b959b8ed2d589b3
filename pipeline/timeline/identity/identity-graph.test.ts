import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdentityGraph, MAX_NAMES } from './identity-graph.ts';
import { LINK_KINDS, linkOf, type Link, type LinkKind } from './link.ts';

const TENANT = '00000000-0000-4000-8000-00000000aaaa';
const oid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const user = (n: number, tenant = TENANT): string => `entra-user:${tenant}/${oid(n)}`;
const workload = (n: number, tenant = TENANT): string => `entra-sp:${tenant}/${oid(n)}`;
const upn = (name: string): string => `upn:${name}@contoso.example`;

let events = 0;
const link = (kind: LinkKind, one: string, other: string, time = 1_700_000_000_000): Link =>
  linkOf(kind, one, other, { eventId: `entra/${events++}`, source: 'entra', time, what: 'shown in a test' });

function graphOf(links: Iterable<Link>, threshold?: number): IdentityGraph {
  const graph = new IdentityGraph(threshold);
  for (const each of links) graph.add(each);
  return graph;
}

describe('joining', () => {
  it('joins what belongs, and lets the strongest immutable id stand for it', () => {
    const graph = graphOf([link('upn', user(1), upn('ann')), link('issued-credential', upn('ann'), 'aws-key:ASIA1')]);
    expect(graph.resolve('aws-key:ASIA1')).toBe(user(1));
    expect(graph.resolve('aws-key:ASIA2')).toBe('aws-key:ASIA2');
  });

  it('joins nothing over links that are not sure enough, unless the threshold says so', () => {
    const links = [link('upn', user(1), upn('ann')), link('sso-session-name', upn('ann'), 'aws-key:ASIA1')];
    expect(graphOf(links).resolve('aws-key:ASIA1')).toBe('aws-key:ASIA1');
    expect(graphOf(links).explain(user(1)).suspected).toMatchObject([{ other: 'aws-key:ASIA1', confidence: 0.6 }]);
    expect(graphOf(links, 0.6).resolve('aws-key:ASIA1')).toBe(user(1));
  });

  it('keeps apart two who acted in one session', () => {
    const session = 'aws:arn:aws:sts::111122223333:assumed-role/deploy/build';
    const graph = graphOf([
      link('issued-credential', user(1), 'aws-key:ASIA1'),
      link('role-session', 'aws-key:ASIA1', session),
      link('issued-credential', user(2), 'aws-key:ASIA2'),
      link('role-session', 'aws-key:ASIA2', session),
    ]);
    expect(graph.resolve('aws-key:ASIA1')).toBe(user(1));
    expect(graph.resolve('aws-key:ASIA2')).toBe(user(2));
    expect(graph.explain(session)).toMatchObject({ principal: session, weakness: 'shared' });
    expect(graph.explain(session).actedAs.map(({ one }) => one)).toEqual(['aws-key:ASIA1', 'aws-key:ASIA2']);
  });

  it.each([
    ['aws:arn:aws:sts::111122223333:assumed-role/deploy/build'],
    ['aws:arn:aws:iam::111122223333:role/deploy'],
    ['aws-id:AROACONTOSO000000001:build'],
    ['k8s-user:/subscriptions/s/aks:masterclient'],
    ['k8s-user:/subscriptions/s/aks:system:node:aks-1'],
    ['aws-service:111122223333/ec2.amazonaws.com'],
    ['ip:203.0.113.7'],
    ['unknown'],
  ])('joins nothing over %s, whatever a link says', (shared) => {
    const graph = graphOf([link('directory', user(1), shared), link('directory', user(2), shared)]);
    expect(graph.resolve(user(2))).toBe(user(2));
    expect(graph.resolve(shared)).toBe(shared);
  });
});

describe('a name that was given to another', () => {
  const links = [
    link('upn', user(1), upn('ann'), 1),
    link('issued-credential', upn('ann'), 'aws-key:ASIA1', 2),
    link('upn', user(2), upn('ann'), 3),
  ];

  it('belongs to neither', () => {
    const graph = graphOf(links);
    expect(graph.resolve(user(1))).toBe(user(1));
    expect(graph.resolve(user(2))).toBe(user(2));
    expect(graph.resolve('aws-key:ASIA1')).toBe('aws-key:ASIA1');
    expect(graph.explain(upn('ann'))).toMatchObject({ principal: upn('ann'), weakness: 'contested' });
  });

  it('takes what it had joined apart, and says which keys changed', () => {
    const graph = graphOf(links.slice(0, 2));
    expect(graph.takeChanges()).toEqual([
      { key: 'aws-key:ASIA1', from: 'aws-key:ASIA1', to: user(1) },
      { key: upn('ann'), from: upn('ann'), to: user(1) },
    ]);
    graph.add(links[2] ?? link('upn', '', ''));
    expect(graph.takeChanges()).toEqual([
      { key: 'aws-key:ASIA1', from: user(1), to: 'aws-key:ASIA1' },
      { key: upn('ann'), from: user(1), to: upn('ann') },
    ]);
    expect(graph.takeChanges()).toEqual([]);
  });

  it('is told apart by the object id alone too', () => {
    const graph = graphOf([link('upn', user(1), upn('ann')), link('upn', `entra-oid:${oid(2)}`, upn('ann'))]);
    expect(graph.explain(upn('ann')).weakness).toBe('contested');
    const same = graphOf([link('upn', user(1), upn('ann')), link('upn', `entra-oid:${oid(1)}`, upn('ann'))]);
    expect(same.explain(upn('ann')).weakness).toBeUndefined();
  });

  it('is one person in two tenants, at home and as a guest', () => {
    const guest = user(7, '00000000-0000-4000-8000-00000000bbbb');
    const graph = graphOf([link('upn', user(1), upn('ann')), link('upn', guest, upn('ann'))]);
    expect(graph.resolve(guest)).toBe(user(1));
  });

  it('does not make one principal of an application in two tenants', () => {
    const other = workload(8, '00000000-0000-4000-8000-00000000bbbb');
    const app = 'entra-app:00000000-0000-4000-8000-00000000cccc';
    const graph = graphOf([link('directory', workload(3), app), link('directory', other, app)]);
    expect(graph.resolve(other)).toBe(other);
  });
});

describe('a key with too many names', () => {
  const named = (count: number) =>
    Array.from({ length: count }, (_, i) => link('federation', workload(1), `federated:issuer.example|job-${i}`));

  it('joins nothing', () => {
    expect(graphOf(named(MAX_NAMES)).resolve('federated:issuer.example|job-7')).toBe(workload(1));
    const crowded = graphOf(named(MAX_NAMES + 1));
    expect(crowded.resolve('federated:issuer.example|job-7')).toBe('federated:issuer.example|job-7');
    expect(crowded.explain(workload(1)).weakness).toBe('crowded');
  });

  it('may have any number of credentials', () => {
    const graph = graphOf(Array.from({ length: 500 }, (_, i) => link('token', workload(1), `entra-token:t${i}`)));
    expect(graph.resolve('entra-token:t499')).toBe(workload(1));
  });
});

describe('explaining', () => {
  it('gives the surest way to each alias, and what it is worth', () => {
    const graph = graphOf([
      link('upn', user(1), upn('ann'), 20),
      link('directory', user(1), upn('ann'), 0),
      link('upn', user(1), upn('ann'), 10),
      link('upn', upn('ann'), 'federated:issuer.example|ann@contoso.example', 30),
    ]);
    const { principal, aliases } = graph.explain('federated:issuer.example|ann@contoso.example');
    expect(principal).toBe(user(1));
    expect(aliases.map(({ key, confidence }) => [key, confidence])).toEqual([
      [upn('ann'), 0.95],
      ['federated:issuer.example|ann@contoso.example', 0.95 * 0.8],
    ]);
    expect(aliases[1]?.path.map(({ kind }) => kind)).toEqual(['directory', 'upn']);
  });

  it('keeps the earliest evidence of a link, and when it last held', () => {
    const graph = graphOf([30, 10, 20].map((time) => link('upn', user(1), upn('ann'), time)));
    expect(graph.explain(user(1)).aliases[0]?.path).toMatchObject([{ evidence: { time: 10 }, lastSeen: 30 }]);
  });
});

const KEYS = [
  ...[1, 2, 3].flatMap((n) => [user(n), workload(n), `entra-oid:${oid(n)}`, upn(`person${n}`)]),
  ...[1, 2, 3].flatMap((n) => [
    `aws-key:ASIA${n}`,
    `aws:arn:aws:iam::111122223333:user/u${n}`,
    `federated:issuer.example|${n}`,
  ]),
  'aws:arn:aws:sts::111122223333:assumed-role/deploy/build',
  'k8s-user:aks:masterclient',
];
const kinds = Object.keys(LINK_KINDS) as LinkKind[];
const someLinks = fc.array(
  fc
    .tuple(fc.constantFrom(...kinds), fc.constantFrom(...KEYS), fc.constantFrom(...KEYS), fc.nat(5))
    .map(([kind, one, other, time]): Link => {
      const eventId = `entra/${kind}-${one}-${other}-${time}`;
      return linkOf(kind, one, other, { eventId, source: 'entra', time, what: 'shown in a test' });
    }),
  { maxLength: 40 },
);
const shown = (graph: IdentityGraph) => KEYS.map((key) => graph.explain(key));

describe('properties', () => {
  it('any order gives the same', () => {
    const links = someLinks.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(links, ([all, shuffled]) => {
        expect(shown(graphOf(shuffled))).toEqual(shown(graphOf(all)));
      }),
      { numRuns: 500 },
    );
  });

  it('two feeds one after the other give what one feed gives, read in between or not', () => {
    fc.assert(
      fc.property(someLinks, someLinks, (first, second) => {
        const graph = graphOf(first);
        shown(graph);
        for (const each of second) graph.add(each);
        expect(shown(graph)).toEqual(shown(graphOf([...second, ...first])));
      }),
    );
  });

  it('a link that is not sure enough changes no principal', () => {
    fc.assert(
      fc.property(someLinks, fc.constantFrom(...KEYS), fc.constantFrom(...KEYS), (links, one, other) => {
        const graph = graphOf(links);
        graph.takeChanges();
        for (const kind of kinds) if (LINK_KINDS[kind].confidence < 0.8) graph.add(link(kind, one, other));
        expect(graph.takeChanges()).toEqual([]);
      }),
    );
  });

  it('the changes taken add up to what resolves', () => {
    fc.assert(
      fc.property(someLinks, fc.nat(7), (links, every) => {
        const graph = new IdentityGraph();
        const told = new Map<string, string>();
        const take = () => {
          for (const { key, from, to } of graph.takeChanges()) {
            expect(from).toBe(told.get(key) ?? key);
            told.set(key, to);
          }
        };
        for (const [i, each] of links.entries()) {
          graph.add(each);
          if (i % (every + 1) === 0) take();
        }
        take();
        for (const key of KEYS) expect(told.get(key) ?? key).toBe(graph.resolve(key));
      }),
    );
  });
});

describe('cost', () => {
  const COUNT = 100_000;
  const id = (i: number) => `federated:issuer.example|${String(COUNT - i).padStart(6, '0')}`;
  const shapes: Readonly<Record<string, (i: number) => Link>> = {
    'credentials of one holder': (i) => link('token', workload(1), `entra-token:${i}`),
    pairs: (i) => link('upn', user(i), upn(`person${i}`)),
    'a chain whose every link brings a stronger key': (i) => link('federation', id(i + 1), id(i)),
    'names that are given to another, in one chain': (i) =>
      i % 2 === 0 ? link('federation', id(i + 2), id(i)) : link('federation', `${id(i)}x`, id(i - 1)),
    'holders of one name': (i) => link('upn', user(i, `tenant-${i}`), upn('everybody')),
  };
  it.each(Object.entries(shapes))('%s: 100,000 links in seconds', (_name, shape) => {
    const links = Array.from({ length: COUNT }, (_, i) => shape(i));
    const start = performance.now();
    const graph = new IdentityGraph();
    for (const each of links) graph.add(each);
    graph.takeChanges();
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
