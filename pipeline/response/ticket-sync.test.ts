import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FakeAzureDevOps } from '../../local/fakes/azure-devops.ts';
import type { FakeFault, FakeService } from '../../local/fakes/fake-service.ts';
import { FakeGitHubIssues, SECONDARY_LIMIT } from '../../local/fakes/github-issues.ts';
import { FakeJira } from '../../local/fakes/jira.ts';
import { FakeServiceNow } from '../../local/fakes/servicenow.ts';
import { ticketsActions } from '../../playbooks/tickets/actions.ts';
import { textOfAdf } from '../../playbooks/tickets/forms.ts';
import { ticketSystem } from '../../playbooks/tickets/systems.ts';
import type { TicketSystemName } from '../../playbooks/tickets/ticket-change.ts';
import { textOf } from '../../platform/json.ts';
import { Metrics } from '../../platform/metrics.ts';
import { faultyStorage, InjectedFault, type StorageCall } from '../../platform/storage/faults.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Tables } from '../../platform/storage/ports.ts';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import { hostileIncident, listening, ticketContext } from '../../test/response/tickets.ts';
import { sampleIncident } from '../incidents/incident-samples.ts';
import type { Incident } from '../timeline/incident.ts';
import type { Response } from './response.ts';
import type { TicketIncident } from './ticket-news.ts';
import { sampleResponse, sampleStep, ticketStep } from './ticket-samples.ts';
import { noteTickets, syncTickets, type TicketSyncReport } from './ticket-sync.ts';

const MINUTE = 60_000;

/** How the ticket of a service stands, in words that all have in common. */
interface Seen {
  readonly comments: readonly string[];
  readonly priority: string;
  readonly isClosed: boolean;
}

interface Service {
  readonly fake: FakeService;
  readonly section: string;
  readonly seen: (number?: number) => Seen | undefined;
  readonly remove: () => void;
  readonly comments: RegExp;
}

const SERVICES: Readonly<Record<TicketSystemName, (clock: HurriedClock) => Promise<Service>>> = {
  'jira-ticket': async (clock) => {
    const fake = await listening(new FakeJira({ clock }));
    const section = `jira: { base: '${fake.url}', project: SEC, priorities: { critical: Highest, high: High, medium: Medium } }`;
    const seen = (number = 1): Seen | undefined => {
      const issue = [...fake.issues.values()][number - 1];
      if (issue === undefined) return undefined;
      const comments = issue.comments.map(({ body }) => textOfAdf(body));
      return { comments, priority: issue.priority, isClosed: issue.status === 'Done' };
    };
    return { fake, section, seen, remove: () => fake.issues.clear(), comments: /\/comment$/ };
  },
  'servicenow-ticket': async () => {
    const fake = await listening(new FakeServiceNow());
    const seen = (number = 1): Seen | undefined => {
      const record = [...fake.records.values()][number - 1];
      if (record === undefined) return undefined;
      const comments = fake.notes.get(record['sys_id'] ?? '') ?? [];
      return { comments, priority: [record['impact'], record['urgency']].join('/'), isClosed: record['state'] === '6' };
    };
    const remove = () => fake.records.clear();
    return { fake, section: `servicenow: { base: '${fake.url}' }`, seen, remove, comments: /incident\/\w+$/ };
  },
  'github-issue': async () => {
    const fake = await listening(new FakeGitHubIssues());
    const section = `github: { base: '${fake.url}', repository: contoso/incidents }`;
    const seen = (number = 1): Seen | undefined => {
      const issue = fake.issues.get(number);
      if (issue === undefined) return undefined;
      const priority = issue.labels.filter((label) => label.startsWith('severity')).join();
      return { comments: fake.comments.get(number) ?? [], priority, isClosed: issue.state === 'closed' };
    };
    return { fake, section, seen, remove: () => fake.delete(1), comments: /\/comments$/ };
  },
  'azure-devops-work-item': async () => {
    const fake = await listening(new FakeAzureDevOps());
    const section = `azureDevOps: { base: '${fake.url}', organization: contoso, project: Security Operations }`;
    const seen = (number = 1): Seen | undefined => {
      const item = fake.items.get(number);
      if (item === undefined) return undefined;
      const priority = JSON.stringify(item.fields['Microsoft.VSTS.Common.Priority']);
      return { comments: item.comments, priority, isClosed: textOf(item.fields['System.State']) === 'Done' };
    };
    return { fake, section, seen, remove: () => fake.items.clear(), comments: /workitems\/1$/ };
  },
};

/** Incidents with tickets, and what is done to keep these in step. */
class Stage {
  readonly clock = new HurriedClock(Date.UTC(2026, 10, 21, 12));
  tables: Tables = memoryStorage().tables;
  readonly incidents = new Map<string, TicketIncident>();
  readonly responses: Response[] = [];
  readonly #name: TicketSystemName;
  #service: Service | undefined;

  constructor(name: TicketSystemName) {
    this.#name = name;
  }

  get service(): Service {
    if (this.#service === undefined) throw new Error('not started');
    return this.#service;
  }

  async start(): Promise<void> {
    this.#service = await SERVICES[this.#name](this.clock);
    onTestFinished(() => this.service.fake.close());
  }

  keep(incident: Incident, other: Partial<TicketIncident> = {}, id = incident.id): void {
    this.incidents.set(id, { incident, state: 'open', withdrawn: false, ...other });
  }

  /** Opens a ticket by its action, as a response does. */
  async open(incident: Incident): Promise<void> {
    const context = ticketContext(this.clock, `{ ${this.service.section} }`, { incident });
    const action = ticketsActions.find(({ name }) => name === this.#name);
    const [change] = (await action?.plan({}, context))?.changes ?? [];
    if (action === undefined || change === undefined) throw new Error('nothing is planned');
    await action.execute(change, context);
    const place = ticketSystem(this.#name, context).id;
    const response = sampleResponse(incident.id, this.clock.now(), [ticketStep(this.#name, place, incident.id)]);
    this.responses.push(response);
    await noteTickets(this, response);
    await this.clock.wait(MINUTE);
  }

  /** As the timer does, a while after the time before. */
  async sync({ close = true, after = 15 * MINUTE } = {}): Promise<TicketSyncReport> {
    await this.clock.wait(after);
    const { clock, tables, incidents, responses } = this;
    return syncTickets(
      {
        ...{ clock, tables, metrics: new Metrics() },
        incidents: { get: (id) => Promise.resolve(incidents.get(id)) },
        responses: {
          async *list({ incident }) {
            yield* responses.filter((each) => incident === undefined || each.incident === incident);
          },
        },
        system: (name) => ticketSystem(name, ticketContext(clock, `{ ${this.service.section} }`)),
      },
      { close, deadline: clock.now() + 50_000 },
    );
  }
}

const sample = sampleIncident();
const [step] = sample.steps;
/** The same story with further steps. */
const longer = (count: number): Incident['steps'] =>
  [
    ...sample.steps,
    ...Array.from({ length: count }, (_, at) => ({
      ...(step ?? sample.steps[0]),
      time: sample.lastSeen + at * MINUTE,
      text: `ann@contoso.example did further step ${at}`,
      eventIds: [`further-${at}`],
    })),
  ] as Incident['steps'];

describe.each(Object.keys(SERVICES) as TicketSystemName[])('a ticket by %s', (name) => {
  let stage: Stage;
  beforeEach(async () => {
    stage = new Stage(name);
    await stage.start();
    stage.keep(sample);
    await stage.open(sample);
  });

  it('is told nothing while nothing changes', async () => {
    for (let run = 0; run < 3; run++) expect(await stage.sync()).toEqual({ told: 0, gone: 0, problems: [] });
    expect(stage.service.seen()?.comments).toEqual([]);
  });

  it('is told once of each change, and gets the priority that goes with it', async () => {
    await stage.sync();
    const before = stage.service.seen()?.priority;
    stage.keep(sampleIncident({ severity: 'high', decision: 'warn', steps: longer(12) }));
    await stage.sync();
    await stage.sync();
    const { comments, priority } = stage.service.seen() ?? { comments: [] };
    expect(comments).toHaveLength(1);
    expect(comments[0]).toContain('Its severity is high now; it was critical.');
    expect(comments[0]).toContain('The decision is warn now; it was block.');
    expect(comments[0]).toContain('further step 9');
    expect(comments[0]).not.toContain('further step 10');
    expect(comments[0]).toContain('and 2 more');
    expect(priority).not.toBe(before);
  });

  it('is told what happened between its making and the first look', async () => {
    stage.keep(sampleIncident({ severity: 'high', steps: longer(1) }));
    await stage.sync();
    const [comment = ''] = stage.service.seen()?.comments ?? [];
    expect(comment).toContain('it was critical');
    expect(comment).toContain('further step 0');
    expect(comment).not.toContain('StopLogging');
  });

  it('is told of new steps alone only now and then', async () => {
    await stage.sync();
    for (let count = 1; count <= 9; count++) {
      stage.keep(sampleIncident({ steps: longer(count) }));
      await stage.sync({ after: 2 * MINUTE });
    }
    expect(stage.service.seen()?.comments).toHaveLength(2);
  });

  it('is told what responses did', async () => {
    await stage.sync();
    const until = Date.UTC(2026, 10, 22, 9);
    const done = sampleStep({ lease: { until, extended: [] } });
    stage.responses.push(sampleResponse(sample.id, stage.clock.now(), [done, sampleStep({ id: 'f', state: 'ready' })]));
    await stage.sync();
    const [comment = '', ...more] = stage.service.seen()?.comments ?? [];
    expect(more).toEqual([]);
    expect(comment).toMatch(/Done, and seen to have effect: nsg-deny on \S*nsg-web\S*, until 2026-11-22 09:00:00/);
  });

  it('is closed with its incident, and stays open where people open it again', async () => {
    stage.keep(sample, { state: 'closed', verdict: 'benign' });
    await stage.sync({ close: false });
    expect(stage.service.seen()?.isClosed).toBe(false);
    stage.keep(sample, { state: 'open', reopened: 'an alert joined' });
    await stage.sync();
    stage.keep(sample, { state: 'closed', verdict: 'true-positive' });
    await stage.sync();
    const { comments, isClosed } = stage.service.seen() ?? { comments: [] };
    expect(isClosed).toBe(true);
    expect(comments[0]).toContain('closed in Crosstrail as benign');
    expect(comments[1]).toMatch(/open again in Crosstrail: \S*an alert joined/);
    expect(comments[2]).toContain('closed in Crosstrail as true-positive');
  });

  it('points to the ticket that goes on where its incident went into another', async () => {
    await stage.sync();
    const other = sampleIncident({ id: 'incident-11111111111111111111111111111111', steps: longer(2) });
    stage.keep(other);
    await stage.open(other);
    await stage.sync();
    stage.keep(other, {}, sample.id);
    await stage.sync();
    stage.keep(sampleIncident({ ...other, steps: longer(4) }), {}, sample.id);
    await stage.sync();
    const { comments, isClosed } = stage.service.seen(1) ?? { comments: [] };
    expect(comments).toHaveLength(1);
    expect(comments[0]).toContain('incident-11111111111111111111111111111111');
    expect(comments[0]).toMatch(/Its ticket is \S*(?:SEC-2|INC0010002|#(?:<span><\/span>)?2)/);
    expect(isClosed).toBe(true);
    expect(stage.service.seen(2)?.isClosed).toBe(false);
  });

  it('is left alone where people deleted it', async () => {
    await stage.sync();
    stage.service.remove();
    stage.keep(sampleIncident({ severity: 'high' }));
    expect(await stage.sync()).toMatchObject({ told: 0, gone: 1, problems: [] });
    const before = stage.service.fake.requests.length;
    await stage.sync();
    expect(stage.service.fake.requests).toHaveLength(before);
  });

  it.each<FakeFault['answer']>(['hang up', 'lose answer'])(
    'is told once where the service does ‘%s’ at any request',
    async (answer) => {
      for (let [point, isStruck] = [0, true]; isStruck; point++) {
        let met = 0;
        const struck = new Stage(name);
        await struck.start();
        struck.keep(sample);
        await struck.open(sample);
        struck.keep(sampleIncident({ severity: 'high' }), { state: 'closed', verdict: 'true-positive' });
        const at = point;
        struck.service.fake.fail({ answer, when: () => met++ === at });
        await struck.sync();
        await struck.sync();
        const { comments = [], isClosed } = struck.service.seen() ?? {};
        expect(comments, `broken at request ${point}`).toHaveLength(1);
        expect(isClosed, `broken at request ${point}`).toBe(true);
        isStruck = met > point;
      }
    },
  );

  it.each(['before', 'after'] as const)(
    'is told once where the process ends %s any write of what it notes',
    async (time) => {
      for (let [point, isStruck] = [0, true]; isStruck; point++) {
        let met = 0;
        const struck = new Stage(name);
        await struck.start();
        struck.keep(sample);
        await struck.open(sample);
        struck.keep(sampleIncident({ severity: 'high' }), { state: 'closed', verdict: 'true-positive' });
        const { tables } = struck;
        const decide = ({ operation }: StorageCall) =>
          operation === 'tables.commit' && met++ === point ? time : undefined;
        struck.tables = faultyStorage({ ...memoryStorage(), tables }, decide).tables;
        const crash = await struck.sync().catch((error: unknown) => error);
        isStruck = crash instanceof InjectedFault;
        struck.tables = tables;
        await struck.sync();
        expect(struck.service.seen(), `ended at write ${point}`).toMatchObject({ isClosed: true });
        expect(struck.service.seen()?.comments, `ended at write ${point}`).toHaveLength(1);
      }
    },
  );

  it('is told by one where several run at once', async () => {
    await stage.sync();
    stage.keep(sampleIncident({ severity: 'high' }));
    const reports = await Promise.all([1, 2, 3].map(() => stage.sync({ after: 0 })));
    expect(reports.reduce((sum, { told }) => sum + told, 0)).toBe(1);
    expect(stage.service.seen()?.comments).toHaveLength(1);
  });

  it('is told later where the service is busy', async () => {
    await stage.sync();
    stage.keep(sampleIncident({ severity: 'high' }));
    const when: FakeFault['when'] = ({ method, path }) => method !== 'GET' && stage.service.comments.test(path);
    stage.service.fake.fail({ times: 4, when, answer: { status: 429, headers: { 'retry-after': '300' } } });
    expect(await stage.sync()).toEqual({ told: 0, gone: 0, problems: [] });
    expect(await stage.sync()).toMatchObject({ told: 1 });
  });

  it('is told nothing where the configuration names another place', async () => {
    stage.keep(sampleIncident({ severity: 'high' }));
    const before = stage.service.fake.requests.length;
    const section = stage.service.section.replace('SEC', 'HR').replace('contoso/incidents', 'contoso/other');
    const moved = section
      .replace('Security Operations', 'Others')
      .replace(/(servicenow: \{)/, '$1 table: sn_si_incident,');
    Object.assign(stage.service, { section: moved });
    expect(await stage.sync()).toMatchObject({ told: 0 });
    expect(stage.service.fake.requests).toHaveLength(before);
  });
});

describe('keeping tickets in step', () => {
  it('leaves what a person chose, and shows hostile text as text', async () => {
    const stage = new Stage('github-issue');
    await stage.start();
    stage.keep(sample);
    await stage.open(sample);
    await stage.sync();
    const { fake } = stage.service;
    if (!(fake instanceof FakeGitHubIssues)) throw new Error('another fake');
    const issue = fake.issues.get(1);
    if (issue !== undefined) issue.labels = issue.labels.map((label) => label.replace('critical', 'low'));
    const hostile = hostileIncident();
    stage.keep({
      ...sample,
      severity: 'high',
      steps: [...sample.steps, ...hostile.steps.map((each) => ({ ...each, eventIds: ['x'] }))],
    });
    await stage.sync();
    expect(issue?.labels).toContain('severity: low');
    const [comment = ''] = fake.comments.get(1) ?? [];
    expect(comment.replace(/`[^`\n]*`/g, '')).not.toMatch(/[@<`\][|]|https?:|www\.|evil/);
  });

  it('says what could not be done, and waits before it tries that again', async () => {
    const stage = new Stage('github-issue');
    await stage.start();
    stage.keep(sample);
    await stage.open(sample);
    await stage.sync();
    stage.keep(sampleIncident({ severity: 'high' }));
    const when: FakeFault['when'] = ({ method }) => method === 'POST';
    stage.service.fake.fail({ when, answer: { status: 403, body: { message: 'Resource not accessible' } } });
    const { problems } = await stage.sync();
    expect(problems).toEqual([
      expect.stringMatching(/^#1 \(incident-\S+\): GitHub: .*; it wants permission to write issues/),
    ]);
    expect(await stage.sync({ after: MINUTE })).toEqual({ told: 0, gone: 0, problems: [] });
    stage.service.fake.fail({ when, answer: SECONDARY_LIMIT });
    expect(await stage.sync()).toEqual({ told: 0, gone: 0, problems: [] });
    expect(await stage.sync()).toMatchObject({ told: 1, problems: [] });
  });

  it.each<[TicketSystemName, string, string]>([
    ['jira-ticket', 'project: SEC', 'project: SEC, closeTransition: Archive'],
    ['azure-devops-work-item', 'organization', 'closeState: Archived, organization'],
  ])('tells what it can where the ticket of %s cannot be closed, and says so', async (name, from, to) => {
    const stage = new Stage(name);
    await stage.start();
    Object.assign(stage.service, { section: stage.service.section.replace(from, to) });
    stage.keep(sample);
    await stage.open(sample);
    stage.keep(sample, { state: 'closed', verdict: 'benign' });
    expect(await stage.sync()).toMatchObject({ told: 1, problems: [expect.stringContaining('response.tickets.')] });
    expect(stage.service.seen()).toMatchObject({ isClosed: false, comments: [expect.stringContaining('as benign')] });
    expect(await stage.sync()).toEqual({ told: 0, gone: 0, problems: [] });
  });

  it('closes by the transition that is configured', async () => {
    const stage = new Stage('jira-ticket');
    await stage.start();
    const section = stage.service.section.replace('project: SEC', 'project: SEC, closeTransition: declined');
    Object.assign(stage.service, { section });
    stage.keep(sample);
    await stage.open(sample);
    stage.keep(sample, { state: 'closed', verdict: 'false-positive' });
    await stage.sync();
    const { fake } = stage.service;
    expect(fake instanceof FakeJira && [...fake.issues.values()].map(({ status }) => status)).toEqual(['Declined']);
  });

  it('tells nothing more in a record of ServiceNow that is closed for good', async () => {
    const stage = new Stage('servicenow-ticket');
    await stage.start();
    stage.keep(sample);
    await stage.open(sample);
    await stage.sync();
    const { fake } = stage.service;
    if (!(fake instanceof FakeServiceNow)) throw new Error('another fake');
    for (const record of fake.records.values()) record['state'] = '7';
    stage.keep(sampleIncident({ severity: 'high' }));
    expect(await stage.sync()).toMatchObject({ problems: [expect.stringContaining('closed for good')] });
    expect(await stage.sync()).toEqual({ told: 0, gone: 0, problems: [] });
  });

  it('forgets tickets that are done with, in the end', async () => {
    const stage = new Stage('github-issue');
    await stage.start();
    stage.keep(sample);
    await stage.open(sample);
    await stage.sync();
    stage.service.remove();
    stage.keep(sampleIncident({ severity: 'high' }));
    await stage.sync();
    const noted = async () => (await stage.tables.query('tickets', 'tickets', { limit: 10 })).rows.length;
    await stage.sync({ after: 89 * 24 * 60 * MINUTE });
    expect(await noted()).toBe(1);
    await stage.sync({ after: 2 * 24 * 60 * MINUTE });
    await stage.sync({ after: 30 * MINUTE });
    expect(await noted()).toBe(0);
  });

  it('looks at many in turn', async () => {
    const stage = new Stage('github-issue');
    await stage.start();
    for (let number = 0; number < 130; number++) {
      const id = `incident-${String(number).padStart(32, '0')}`;
      const place = `github|${stage.service.fake.url}|contoso/incidents`;
      await noteTickets(stage, sampleResponse(id, stage.clock.now(), [ticketStep('github-issue', place, id)]));
    }
    const asked = async (): Promise<number> => {
      const before = stage.service.fake.requests.length;
      await stage.sync({ after: MINUTE });
      return stage.service.fake.requests.length - before;
    };
    expect(await asked()).toBe(100);
    expect(await asked()).toBeGreaterThanOrEqual(30);
  });

  it('finds tickets of which nobody told', async () => {
    const stage = new Stage('servicenow-ticket');
    await stage.start();
    stage.keep(sample);
    await stage.open(sample);
    await stage.tables.drop('tickets');
    // At the half hour all responses are looked through.
    await stage.clock.wait(30 * MINUTE - (stage.clock.now() % (30 * MINUTE)));
    stage.keep(sampleIncident({ severity: 'high' }));
    await stage.sync({ after: 0 });
    expect(stage.service.seen()?.comments).toHaveLength(1);
  });
});
