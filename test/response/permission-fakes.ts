import { FakeService, type FakeAnswer, type FakeRequest } from '../../local/fakes/fake-service.ts';
import type { AzurePermission } from '../../pipeline/response/permissions/probes/azure-probe.ts';

/** Azure, as far as it tells what the caller may do: one role a page. */
export class FakeAzurePermissions extends FakeService {
  readonly #held: readonly AzurePermission[];

  constructor(held: readonly AzurePermission[]) {
    super();
    this.#held = held;
  }

  protected answer({ path, query }: FakeRequest): FakeAnswer {
    if (!path.endsWith('/providers/Microsoft.Authorization/permissions')) {
      return { status: 404, body: { error: { code: 'NotFound', message: 'there is no such thing' } } };
    }
    const page = Number(query.get('page') ?? 0);
    const role = this.#held[page];
    const value = role === undefined ? [] : [{ actions: [...role.actions], notActions: [...role.notActions] }];
    const next = `${this.url}${path}?api-version=${query.get('api-version') ?? ''}&page=${page + 1}`;
    return { status: 200, body: { value, ...(page + 1 < this.#held.length && { nextLink: next }) } };
  }
}

/** IAM and STS, as far as they simulate policies. */
export class FakePolicySimulator extends FakeService {
  /** The forms of all requests. */
  readonly forms: URLSearchParams[] = [];
  readonly #account: string;
  readonly #allows: (action: string, resource: string) => boolean;

  constructor(account: string, allows: (action: string, resource: string) => boolean) {
    super();
    this.#account = account;
    this.#allows = allows;
  }

  protected answer({ text }: FakeRequest): FakeAnswer {
    const form = new URLSearchParams(text);
    this.forms.push(form);
    const operation = form.get('Action') ?? '';
    const result = operation === 'GetCallerIdentity' ? this.#identity() : this.#simulated(form);
    const xml = `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`;
    return { status: 200, text: xml, headers: { 'content-type': 'text/xml' } };
  }

  #identity(): string {
    const arn = `arn:aws:sts::${this.#account}:assumed-role/responder/crosstrail-000000000000`;
    return `<Arn>${arn}</Arn><UserId>AROAEXAMPLE:crosstrail</UserId><Account>${this.#account}</Account>`;
  }

  #simulated(form: URLSearchParams): string {
    const members = valuesOf(form, 'ActionNames').flatMap((action) =>
      valuesOf(form, 'ResourceArns').map((resource) => {
        const decision = this.#allows(action, resource) ? 'allowed' : 'implicitDeny';
        return `<member><EvalActionName>${action}</EvalActionName><EvalResourceName>${resource}</EvalResourceName><EvalDecision>${decision}</EvalDecision></member>`;
      }),
    );
    return `<IsTruncated>false</IsTruncated><EvaluationResults>${members.join('')}</EvaluationResults>`;
  }
}

const valuesOf = (form: URLSearchParams, name: string): string[] =>
  [...form].filter(([key]) => key.startsWith(`${name}.member.`)).map(([, value]) => value);
