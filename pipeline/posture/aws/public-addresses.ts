import { objectOf, textOf, type Json } from '../../../platform/json.ts';
import { arnKey } from '../../timeline/entity-keys.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { mends, weakens, type Place } from '../change-of.ts';
import { flagOf, membersOf, textsOf } from '../values.ts';
import { listed, regional, type AwsCall, type AwsCalls } from './call.ts';

const GIVEN = 'has a public address';
const TAKEN = 'has no public address';

const placeOf = (resource: string, part?: string): Place => ({ condition: 'public-address', resource, part });

/**
 * The call that takes an elastic address away names only the association. So the association is what has the condition, and its part is what it
 * gives the address to.
 */
function associationOf(call: AwsCall, id: string, part?: string): Place {
  return placeOf(regional(call, 'ec2', `elastic-ip-association/${id}`), part);
}

function associated(call: AwsCall): readonly PostureChange[] {
  const id = textOf(call.response['associationId']);
  const { instanceId, networkInterfaceId } = call.request;
  const [instance, networkInterface] = [textOf(instanceId), textOf(networkInterfaceId)];
  const holder = instance !== undefined ? `instance/${instance}` : `network-interface/${networkInterface ?? ''}`;
  if (id === undefined || (instance ?? networkInterface) === undefined) return [];
  return [weakens(associationOf(call, id, holder), GIVEN)];
}

function disassociated(call: AwsCall): readonly PostureChange[] {
  const id = textOf(call.request['associationId']);
  return id === undefined ? [] : [mends(associationOf(call, id), TAKEN)];
}

const instancesOf = (call: AwsCall, set: Json | undefined): readonly string[] =>
  listed(objectOf(set)).flatMap((instance) => {
    const id = textOf(objectOf(instance)?.['instanceId']);
    return id === undefined ? [] : [regional(call, 'ec2', `instance/${id}`)];
  });

/** What the subnet gives by itself, the call does not say. */
function launched(call: AwsCall): readonly PostureChange[] {
  const asked = listed(call.request['networkInterfaceSet']).some(
    (each) => flagOf(objectOf(each)?.['associatePublicIpAddress']) === true,
  );
  return asked
    ? instancesOf(call, call.response['instancesSet']).map((instance) => weakens(placeOf(instance), GIVEN))
    : [];
}

const terminated = (call: AwsCall): readonly PostureChange[] =>
  instancesOf(call, call.request['instancesSet']).map((instance) => mends(placeOf(instance), 'is terminated'));

/** RDS keeps identifiers in lower case. */
function databaseOf(call: AwsCall): string | undefined {
  const arn = textOf(call.response['dBInstanceArn']);
  const [id] = textsOf(call.request['dBInstanceIdentifier']);
  if (arn !== undefined) return arnKey(arn);
  return id === undefined ? undefined : regional(call, 'rds', `db:${id}`);
}

function database(call: AwsCall): readonly PostureChange[] {
  const resource = databaseOf(call);
  const isPublic = flagOf(call.request['publiclyAccessible']);
  if (resource === undefined || isPublic === undefined) return [];
  return [isPublic ? weakens(placeOf(resource), GIVEN) : mends(placeOf(resource), TAKEN)];
}

function databaseDeleted(call: AwsCall): readonly PostureChange[] {
  const resource = databaseOf(call);
  return resource === undefined ? [] : [mends(placeOf(resource), 'is deleted')];
}

/** Load balancers of the second generation: only their calls are answered with ARNs. */
const balanced = ({ response }: AwsCall): readonly PostureChange[] =>
  membersOf(response['loadBalancers']).flatMap((balancer) => {
    const { loadBalancerArn, scheme } = objectOf(balancer) ?? {};
    const arn = textOf(loadBalancerArn);
    return arn !== undefined && scheme === 'internet-facing' ? [weakens(placeOf(arnKey(arn)), GIVEN)] : [];
  });

function unbalanced({ request }: AwsCall): readonly PostureChange[] {
  const arn = textOf(request['loadBalancerArn']);
  return arn === undefined ? [] : [mends(placeOf(arnKey(arn)), 'is deleted')];
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html */
export const EC2_ADDRESSES: AwsCalls = {
  AssociateAddress: associated,
  DisassociateAddress: disassociated,
  RunInstances: launched,
  TerminateInstances: terminated,
};

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html */
export const DATABASES: AwsCalls = {
  CreateDBInstance: database,
  CreateDBInstanceReadReplica: database,
  ModifyDBInstance: database,
  RestoreDBInstanceFromDBSnapshot: database,
  RestoreDBInstanceFromS3: database,
  DeleteDBInstance: databaseDeleted,
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html */
export const LOAD_BALANCERS: AwsCalls = { CreateLoadBalancer: balanced, DeleteLoadBalancer: unbalanced };
