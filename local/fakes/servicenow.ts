import { objectOf, textOf, type JsonObject } from '../../platform/json.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';

export interface FakeServiceNowOptions {
  readonly user?: string;
  readonly password?: string;
  /** Fields that the role may not write: they are left out without a word. */
  readonly unwritable?: readonly string[];
  /** Fields that the role may not read: a query with one of them finds all records. */
  readonly unreadable?: readonly string[];
}

/** How many characters a field has; what is longer is cut without a word. */
const LENGTHS: Readonly<Record<string, number>> = {
  short_description: 160,
  description: 4000,
  correlation_id: 100,
  correlation_display: 100,
};
const TABLE = '/api/now/table/incident';

/** The table incident of ServiceNow, as its Table API gives it. */
export class FakeServiceNow extends FakeService {
  readonly records = new Map<string, Record<string, string>>();
  /** What was written into the journal of work notes, by `sys_id`. */
  readonly notes = new Map<string, string[]>();
  readonly #options: Required<FakeServiceNowOptions>;

  constructor(options: FakeServiceNowOptions = {}) {
    super();
    this.#options = { user: 'crosstrail', password: 'servicenow-password', unwritable: [], unreadable: [], ...options };
  }

  protected override answer(request: FakeRequest): FakeAnswer {
    const { user, password } = this.#options;
    if (request.headers.authorization !== `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`) {
      return problem(401, 'User Not Authenticated', 'Required to provide Auth information');
    }
    const { method, path, body } = request;
    if (path === TABLE) return method === 'POST' ? this.#create(objectOf(body) ?? {}) : this.#query(request);
    const record = path.startsWith(`${TABLE}/`) ? this.records.get(path.slice(TABLE.length + 1)) : undefined;
    if (record === undefined)
      return problem(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");
    if (method === 'GET') return { status: 200, body: { result: { ...record } } };
    return this.#change(record, objectOf(body) ?? {});
  }

  #query({ query }: FakeRequest): FakeAnswer {
    const conditions = (query.get('sysparm_query') ?? '').split('^').map((each) => /^(\w+)=(.*)$/.exec(each));
    const usable = conditions.filter((each) => each !== null && !this.#options.unreadable.includes(each[1] ?? ''));
    const found = [...this.records.values()].filter((record) =>
      usable.every((each) => each === null || record[each[1] ?? ''] === each[2]),
    );
    const limit = Number(query.get('sysparm_limit') ?? 10_000);
    return { status: 200, body: { result: found.slice(0, limit).map((record) => ({ ...record })) } };
  }

  #create(body: JsonObject): FakeAnswer {
    const number = this.records.size + 1;
    const record: Record<string, string> = {
      sys_id: number.toString(16).padStart(32, '0'),
      number: `INC${String(10_000 + number).padStart(7, '0')}`,
      state: '1',
      impact: '3',
      urgency: '3',
    };
    this.#write(record, body);
    this.records.set(record['sys_id'] ?? '', record);
    this.wrote('create record', record['number'] ?? '');
    return { status: 201, body: { result: { ...record } } };
  }

  #change(record: Record<string, string>, body: JsonObject): FakeAnswer {
    if (record['state'] === '7')
      return problem(403, 'Operation Failed', 'ACL Exception Update Failed due to security constraints');
    if (Number(body['state']) >= 6 && textOf(body['close_code']) === undefined) {
      return problem(403, 'Operation Failed', 'Data Policy Exception: Resolution code is mandatory');
    }
    if (this.#write(record, body)) this.wrote('change record', record['number'] ?? '');
    return { status: 200, body: { result: { ...record } } };
  }

  /** @returns whether anything changed */
  #write(record: Record<string, string>, body: JsonObject): boolean {
    let changed = false;
    for (const [name, value] of Object.entries(body)) {
      if (this.#options.unwritable.includes(name)) continue;
      const text = String(typeof value === 'object' ? '' : (value ?? '')).slice(0, LENGTHS[name] ?? 4000);
      if (name === 'work_notes') {
        const id = record['sys_id'] ?? '';
        this.notes.set(id, [...(this.notes.get(id) ?? []), text]);
        changed = true;
      } else {
        changed ||= record[name] !== text;
        record[name] = text;
      }
    }
    return changed;
  }
}

const problem = (status: number, message: string, detail: string): FakeAnswer => ({
  status,
  body: { error: { message, detail }, status: 'failure' },
});
