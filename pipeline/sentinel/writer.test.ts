import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { objectOf, textOf, type JsonObject } from '../../platform/json.ts';
import { FakeSentinel, incidentId } from '../../test/fakes/sentinel.ts';
import { sentinelArm } from '../../test/sentinel.ts';
import { commentAsWritten, MAX_COMMENT, saysTheSame } from './comment-text.ts';
import { parseIncidentId, type IncidentAddress } from './incident-address.ts';
import { readIncident } from './incident-requests.ts';
import type { SentinelIncident } from './incident.ts';
import { mergedLabels } from './labels.ts';
import { commentId, taskId } from './sentinel-ids.ts';
import { newSeverity } from './severity.ts';
import { incidentWriter, type IncidentAdditions, type WriterOptions } from './writer.ts';

const NAME = '73e01a99-0000-4000-8000-000000000001';
const clock = new ManualClock(Date.parse('2026-11-20T08:00:00Z'));
let fake: FakeSentinel;

beforeAll(async () => {
  fake = await FakeSentinel.start(clock);
});
afterAll(() => fake.close());
beforeEach(() => {
  clock.advance(10 * 60_000);
  for (const name of fake.names()) fake.delete(name);
  fake.seen.length = 0;
  fake.failure = () => undefined;
  fake.beforeWrite = () => undefined;
  fake.breaks = () => false;
  fake.conflictStatus = 409;
});

const ADDITIONS: IncidentAdditions = {
  comment: '<h3>Who</h3>\n\n<p>ann@contoso.example in Azure and AWS</p>',
  labels: ['crosstrail', 'KEV'],
  severity: 'high',
  tasks: [
    { key: 'revoke-sessions', title: 'Revoke the sessions', description: 'Of ann@contoso.example' },
    { key: 'disable-key', title: 'Disable the access key', description: 'AKIA…0001' },
  ],
};

const address = (): IncidentAddress => {
  const parsed = parseIncidentId(incidentId(NAME));
  if (parsed === undefined) throw new Error('no address');
  return parsed;
};

async function read(): Promise<SentinelIncident> {
  const incident = await readIncident(await sentinelArm(fake, clock), address());
  if (incident === undefined) throw new Error('no incident');
  fake.seen.length = 0;
  return incident;
}

async function write(
  additions: Partial<IncidentAdditions> = {},
  options: Partial<WriterOptions> = {},
  incident?: SentinelIncident,
) {
  const arm = options.arm ?? (await sentinelArm(fake, clock));
  const writer = incidentWriter({ severity: 'raise', tasks: true, ...options, arm });
  const report = await writer.write(incident ?? (await read()), { ...ADDITIONS, ...additions });
  return { report, calls: arm.calls };
}

const puts = () =>
  fake.seen.filter(({ method }) => method === 'PUT').map(({ path }) => path.split('/').slice(3, 4)[0] ?? 'incident');
const labelsThere = () => fake.properties(NAME)['labels'];

describe('writing into an incident', () => {
  it('adds comment, labels, severity and tasks, keeps all else, and needs five calls', async () => {
    const kept = {
      title: 'Odd',
      status: 'Active',
      description: 'as it was',
      owner: { objectId: 'o', assignedTo: 'Ann' },
      teamInformation: { teamId: 't' },
    };
    fake.add(NAME, { ...kept, labels: [{ labelName: 'mine', labelType: 'User' }] });
    const { report, calls } = await write();
    expect(report).toEqual({
      incident: 'written',
      comment: 'written',
      tasks: { written: 2, unchanged: 0, leftOut: 0 },
      gone: false,
      again: false,
      notes: [],
    });
    expect(fake.properties(NAME)).toMatchObject({ ...kept, severity: 'High' });
    expect(labelsThere()).toEqual([
      { labelName: 'mine', labelType: 'User' },
      { labelName: 'crosstrail' },
      { labelName: 'KEV' },
    ]);
    expect(fake.comments(NAME).map(({ id }) => id)).toEqual([commentId(address())]);
    expect(fake.tasks(NAME).map(({ properties }) => properties['title'])).toEqual([
      'Revoke the sessions',
      'Disable the access key',
    ]);
    expect(calls).toBe(5);
  });

  it('writes nothing a second time, nor on a second machine', async () => {
    fake.add(NAME);
    await write();
    const { report } = await write();
    expect(report).toMatchObject({ incident: 'unchanged', comment: 'unchanged', tasks: { written: 0, unchanged: 2 } });
    expect(puts()).toEqual([]);
    expect(fake.comments(NAME)).toHaveLength(1);
  });

  it('updates its one comment in place, with its tag, and leaves those of people', async () => {
    fake.add(NAME);
    fake.addComment(NAME, '00000000-0000-4000-8000-0000000000aa', 'I look at it');
    await write();
    await write({ comment: 'now more is known' });
    expect(fake.comments(NAME).map(({ message }) => message.split('\n')[0])).toEqual([
      'I look at it',
      'now more is known',
    ]);
    const sent = fake.seen.find(({ method, path }) => method === 'PUT' && path.includes('/comments/'));
    expect(sent?.ifMatch).toBe(sent?.body?.['etag']);
  });

  it.each([409, 412] as const)(
    'writes on what somebody changed meanwhile (%i), and takes nothing of it away',
    async (status) => {
      fake.conflictStatus = status;
      fake.add(NAME);
      const incident = await read();
      fake.edit(NAME, { status: 'Active', labels: [{ labelName: 'hers' }], owner: { objectId: 'hers' } });
      const { report } = await write({}, {}, incident);
      expect(report.incident).toBe('written');
      expect(fake.properties(NAME)).toMatchObject({ status: 'Active', owner: { objectId: 'hers' }, severity: 'High' });
      expect(labelsThere()).toEqual([{ labelName: 'hers' }, { labelName: 'crosstrail' }, { labelName: 'KEV' }]);
    },
  );

  it('gives up where it is changed each time, says so, and writes the rest', async () => {
    fake.add(NAME);
    fake.beforeWrite = ({ path }) => {
      if (path.split('/').length === 3) fake.edit(NAME, { status: 'Active' });
    };
    const { report, calls } = await write();
    expect(report).toMatchObject({ incident: 'refused', comment: 'written', again: true });
    expect(report.notes[0]).toContain('Newer version of resource exists');
    expect(calls).toBeLessThanOrEqual(12);
  });

  it('is to be done again where the answer was a page for people', async () => {
    fake.add(NAME);
    fake.failure = ({ method, path }) =>
      method === 'PUT' && path.includes('/comments/') ? { status: 200, html: '<html>Sign in</html>' } : undefined;
    expect((await write()).report).toMatchObject({ comment: 'refused', again: true });
  });

  it('writes over nothing that has no tag', async () => {
    fake.add(NAME);
    const { report } = await write({}, {}, { ...(await read()), etag: undefined });
    expect(report).toMatchObject({ incident: 'refused', comment: 'written' });
    expect(report.notes[0]).toContain('without an etag');
    expect(labelsThere()).toEqual([]);
  });

  it('does not bring back an incident that was deleted', async () => {
    fake.add(NAME);
    const incident = await read();
    fake.delete(NAME);
    const { report } = await write({}, {}, incident);
    expect(report).toMatchObject({ gone: true, notes: ['it was deleted: nothing more is written to it'] });
    expect(fake.names()).toEqual([]);
  });

  it('writes nothing into an incident that went into another', async () => {
    fake.add(NAME, { additionalData: { mergedIncidentNumber: 4711 } });
    const { report } = await write();
    expect(report).toMatchObject({ gone: true, notes: ['it went into incident 4711: nothing is written to it'] });
    fake.add(NAME, { labels: [{ labelName: 'Redirected' }], status: 'Closed', classification: 'Undetermined' });
    expect((await write()).report.gone).toBe(true);
    expect(puts()).toEqual([]);
  });

  it('writes no more where it went into another meanwhile', async () => {
    fake.add(NAME);
    const incident = await read();
    fake.edit(NAME, {
      status: 'Closed',
      classification: 'Undetermined',
      additionalData: { mergedIncidentNumber: 4711 },
    });
    const { report } = await write({}, {}, incident);
    expect(report).toMatchObject({ gone: true, notes: ['it went into incident 4711: nothing is written to it'] });
    expect(labelsThere()).toEqual([]);
    expect(fake.comments(NAME)).toEqual([]);
  });

  it('notes what the service refuses, and throws where it is busy', async () => {
    fake.add(NAME);
    fake.failure = ({ method, path }) =>
      method === 'PUT' && path.includes('/comments/') ? { status: 403, code: 'AuthorizationFailed' } : undefined;
    const { report } = await write();
    expect(report).toMatchObject({ incident: 'written', comment: 'refused', tasks: { written: 2 } });
    expect(report.notes[0]).toContain('the comment: PUT');
    expect(report.again).toBe(false);
    fake.failure = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await expect(write({}, {}, await readAs())).rejects.toMatchObject({ status: 429, retryAfter: 3_600_000 });
  });

  const readAs = async (): Promise<SentinelIncident> => {
    const { failure } = fake;
    fake.failure = () => undefined;
    const incident = await read();
    fake.failure = failure;
    return incident;
  };
});

describe('several at once', () => {
  it('leave one comment, each label once, each task once', async () => {
    fake.add(NAME, { severity: 'Low' });
    const incident = await read();
    const reports = await Promise.all([0, 1, 2].map(() => write({}, {}, incident)));
    expect(reports.every(({ report }) => report.notes.length === 0 || report.again)).toBe(true);
    expect(fake.comments(NAME)).toHaveLength(1);
    expect(labelsThere()).toEqual([{ labelName: 'crosstrail' }, { labelName: 'KEV' }]);
    expect(fake.tasks(NAME)).toHaveLength(2);
  });
});

describe('a connection that breaks when something was written', () => {
  it('costs calls, and writes nothing twice', async () => {
    fake.add(NAME, { severity: 'Low' });
    const incident = await read();
    let broken = 0;
    fake.breaks = ({ method, path }) => method === 'PUT' && !path.includes('/tasks/') && ++broken <= 2;
    const passing = setInterval(() => clock.advance(1000), 1);
    const { report } = await write({}, {}, incident).finally(() => clearInterval(passing));
    expect(report).toMatchObject({ notes: [], again: false, tasks: { written: 2 } });
    expect(fake.comments(NAME)).toHaveLength(1);
    expect(labelsThere()).toEqual([{ labelName: 'crosstrail' }, { labelName: 'KEV' }]);
    expect(fake.properties(NAME)['severity']).toBe('High');
  });
});

describe('the budget of calls', () => {
  it('leaves out the least urgent tasks, and says that it is to be done again', async () => {
    fake.add(NAME);
    const tasks = Array.from({ length: 20 }, (_, at) => ({ key: `step-${at}`, title: `Step ${at}`, description: '' }));
    const { report, calls } = await write({ tasks });
    expect(calls).toBe(12);
    expect(report).toMatchObject({ again: true, tasks: { written: 9, leftOut: 11 } });
    expect(fake.tasks(NAME)[0]?.properties['title']).toBe('Step 0');
  });
});

describe('tasks', () => {
  it('are neither written again when they are done, nor beyond forty, nor over those of others', async () => {
    fake.add(NAME);
    fake.addTask(NAME, taskId(address(), 'revoke-sessions'), { title: 'old', status: 'Completed' });
    for (let at = 0; at < 39; at++) fake.addTask(NAME, `other-${at}`, { title: 'theirs', status: 'New' });
    const { report } = await write({ labels: [], severity: undefined });
    expect(report.tasks).toEqual({ written: 0, unchanged: 1, leftOut: 1 });
    expect(fake.tasks(NAME)[0]?.properties['title']).toBe('old');
  });

  it('wait where somebody changes one at this moment, and the others are written', async () => {
    fake.add(NAME);
    const id = taskId(address(), 'revoke-sessions');
    fake.addTask(NAME, id, { title: 'old', status: 'New' });
    fake.beforeWrite = ({ path }) => {
      if (path.endsWith(id)) fake.addTask(NAME, id, { title: 'hers', status: 'Completed' });
    };
    const { report } = await write();
    expect(report).toMatchObject({ again: true, tasks: { written: 1, leftOut: 1 } });
    expect(fake.tasks(NAME)[0]?.properties).toEqual({ title: 'hers', status: 'Completed' });
  });

  it('get a new text under the state that a person gave them', async () => {
    fake.add(NAME);
    fake.addTask(NAME, taskId(address(), 'revoke-sessions'), { title: 'old', status: 'New' });
    await write();
    expect(fake.tasks(NAME)[0]?.properties).toMatchObject({ title: 'Revoke the sessions', status: 'New' });
  });

  it('are left alone where they are not wanted', async () => {
    fake.add(NAME);
    expect((await write({}, { tasks: false })).report.tasks.written).toBe(0);
    expect(fake.tasks(NAME)).toEqual([]);
  });
});

describe('severity', () => {
  it.each([
    ['low', 'high', 'never', undefined],
    ['low', 'high', 'raise', 'High'],
    ['high', 'low', 'raise', undefined],
    ['high', 'critical', 'raise', undefined],
    ['high', 'low', 'set', 'Low'],
    ['low', undefined, 'set', undefined],
  ] as const)('%s, held to be %s, policy %s: %s', (current, wanted, policy, expected) => {
    expect(newSeverity(current, wanted, policy)).toBe(expected);
  });
});

describe('labels', () => {
  it('are merged: none is lost, none is there twice in whatever case', () => {
    const name = fc.constantFrom('a', 'A', 'b', '__proto__', 'constructor', '');
    fc.assert(
      fc.property(fc.array(name), fc.array(name), (there, wanted) => {
        const labels = there.map((labelName) => ({ labelName }));
        const merged = mergedLabels(labels, wanted) ?? labels;
        const names = merged.map((label) => textOf(objectOf(label)?.['labelName']) ?? '');
        expect(names.slice(0, there.length)).toEqual(there);
        for (const each of wanted)
          if (each !== '') expect(names.map((one) => one.toLowerCase())).toContain(each.toLowerCase());
        const added = names.slice(there.length).map((one) => one.toLowerCase());
        expect(new Set(added).size).toBe(added.length);
        expect(mergedLabels(merged, wanted)).toBeUndefined();
      }),
    );
  });

  it('of something else than labels are none', () => {
    expect(mergedLabels('text', ['a'])).toEqual([{ labelName: 'a' }]);
    expect(mergedLabels(undefined, ['a\u202eb'])).toEqual([{ labelName: 'a?b' }]);
  });
});

describe('a comment', () => {
  it('always fits, keeps its first sections whole, says how many are left out, and is known again', () => {
    const section = fc.integer({ min: 1, max: 9000 }).map((length) => 'x'.repeat(length));
    fc.assert(
      fc.property(fc.array(section, { minLength: 1, maxLength: 12 }), (sections) => {
        const text = sections.join('\n\n');
        const written = commentAsWritten(text);
        expect(written.length).toBeLessThan(MAX_COMMENT);
        expect(saysTheSame(written, text)).toBe(true);
        expect(saysTheSame(written, `${text}.`)).toBe(false);
        const shown = written.split('\n\n').slice(0, -1);
        const left = /^(\d+) more section/.exec(shown.at(-1) ?? '')?.[1];
        expect(left === undefined).toBe(text.length + written.length - written.lastIndexOf('\n\n') < MAX_COMMENT);
        if (left === undefined) expect(shown).toEqual(sections);
        else
          expect(shown).toEqual([...sections.slice(0, sections.length - Number(left)), expect.stringContaining(left)]);
      }),
      { numRuns: 50, examples: [[['x'.repeat(29_950)]], [['x'.repeat(29_951)]], [['x'.repeat(29_952)]]] },
    );
  });

  it('of one section that is too long says only that', () => {
    expect(commentAsWritten('y'.repeat(40_000))).toMatch(
      /^1 more section did not fit[^\n]*\n\nWritten by Crosstrail, revision [0-9a-f]{12}$/,
    );
  });
});

describe('ids of incidents', () => {
  it('are read in any case, and written as paths', () => {
    const id = incidentId(NAME);
    expect(parseIncidentId(id.toUpperCase())?.subscription).toBe('00000000-0000-4000-8000-000000000001');
    expect(commentId(address())).toBe(commentId(parseIncidentId(id.toUpperCase()) ?? address()));
  });

  it.each([
    '',
    'incident',
    incidentId('../../x'),
    incidentId('a?b=c'),
    incidentId(`${NAME}/comments/x`),
    incidentId(NAME).replace('rg-soc', '..'),
    incidentId(NAME).replace('rg-soc', 'a%2fb'),
    incidentId(NAME).replace('SecurityInsights', 'Compute'),
    `https://management.azure.com${incidentId(NAME)}`,
    incidentId('a'.repeat(5000)),
  ])('that lead elsewhere are none: %s', (id) => expect(parseIncidentId(id)).toBeUndefined());
});

describe('hostile properties', () => {
  it('of an incident are written back as they were', async () => {
    fake.add(NAME, JSON.parse('{"__proto__": {"x": 1}, "constructor": "y"}') as JsonObject);
    await write();
    expect(Object.hasOwn(fake.properties(NAME), 'constructor')).toBe(true);
    expect(({} as JsonObject)['x']).toBeUndefined();
  });
});
