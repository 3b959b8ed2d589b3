import type { ActionContext } from '../../../../playbooks/contract/action.ts';
import type { AwsStatement } from '../../../../playbooks/contract/permissions.ts';
import { awsSession, type AwsSession } from '../../../../playbooks/aws/session.ts';
import { whyOf, type Probe } from './probe.ts';

/** Stands for a thing of any name: policies that name things by patterns still decide about it. */
const ANY = 'crosstrail-doctor';
const ALLOWED = 'allowed';

/**
 * Whether the role that acts in an account may do something: IAM is asked to simulate its policies, as far as the role may ask that. Policies of the organization and
 * of resources are not simulated.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export async function probeAws(
  account: string,
  statements: readonly AwsStatement[],
  context: ActionContext,
): Promise<Probe[]> {
  const named = { service: 'AWS', where: account } as const;
  try {
    const session = await awsSession(context, account);
    const probes: Probe[] = [];
    for (const statement of statements) {
      const decisions = await simulate(session, statement, context);
      for (const permission of statement.actions) {
        const decision = decisions.get(permission.toLowerCase());
        const missing = { is: 'missing', why: `on ${statement.resources.join(', ')}: ${decision ?? ''}` } as const;
        if (decision === undefined) probes.push({ ...named, permission, is: 'unknown', why: 'IAM said nothing of it' });
        else probes.push({ ...named, permission, ...(decision === ALLOWED ? { is: 'granted' } : missing) });
      }
    }
    return probes;
  } catch (error) {
    const why = `it cannot be asked with iam:SimulatePrincipalPolicy: ${whyOf(error)}`;
    return statements.flatMap(({ actions }) =>
      actions.map((permission): Probe => ({ ...named, permission, is: 'unknown', why })),
    );
  }
}

/** Decisions by action in lower case. */
async function simulate(
  { account, roleArn, options }: AwsSession,
  { actions, resources }: AwsStatement,
  { clock, deadline }: ActionContext,
): Promise<ReadonlyMap<string, string>> {
  const { IAMClient, SimulatePrincipalPolicyCommand } = await import('@aws-sdk/client-iam');
  const iam = new IAMClient(options);
  try {
    const command = new SimulatePrincipalPolicyCommand({
      PolicySourceArn: roleArn ?? (await callerOf(options)),
      ActionNames: [...actions],
      ResourceArns: resources.map((arn) => exampleOf(arn, account)),
    });
    const abortSignal = AbortSignal.timeout(Math.max(1, Math.min(deadline - clock.now(), 20_000)));
    const { EvaluationResults = [] } = await iam.send(command, { abortSignal });
    const decisions = new Map<string, string>();
    for (const { EvalActionName = '', EvalDecision = '' } of EvaluationResults) {
      // One for each resource: it must be allowed on all of them.
      const name = EvalActionName.toLowerCase();
      if ((decisions.get(name) ?? ALLOWED) === ALLOWED) decisions.set(name, EvalDecision);
    }
    return decisions;
  } finally {
    iam.destroy();
  }
}

/** The identity that asks, where no role is configured. The ARN of a session is turned into that of its role, which has no path then. */
async function callerOf(options: AwsSession['options']): Promise<string> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const sts = new STSClient(options);
  try {
    const { Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
    return Arn.replace(/^(arn:[^:]*):sts::(\d*):assumed-role\/([^/]+)\/.*$/, '$1:iam::$2:role/$3');
  } finally {
    sts.destroy();
  }
}

/** A thing that a pattern means. */
const exampleOf = (arn: string, account: string): string =>
  arn === '*' ? arn : arn.replace(/^((?:[^:]*:){4})\*(?=:)/, `$1${account}`).replaceAll('*', ANY);
