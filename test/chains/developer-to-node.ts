import { writeChain } from './chain-writer.ts';
import { SIGN_IN, phishByDeviceCode } from './moves.ts';

/** A developer's own rights in the cluster are enough to leave a pod for its node; from there machines, and a disk as a file. */
export const developerToNode = writeChain(11, 'developer-to-node', ['Aino Salmela', 'tickets'], (write, cast) => {
  const { person } = cast;
  const developer = {
    user: person.upn,
    groups: [cast.id(1), 'system:authenticated'],
    extra: { oid: [person.objectId] },
  };
  const machine = cast.armId('Microsoft.Compute/virtualMachines/vm-tickets-1');
  phishByDeviceCode(write);
  write.wait(6);
  write.cluster({
    ...developer,
    verb: 'create',
    uri: '/api/v1/namespaces/tickets/pods',
    object: { resource: 'pods', namespace: 'tickets', name: 'debug-0', apiVersion: 'v1' },
    request: {
      kind: 'Pod',
      metadata: { name: 'debug-0', namespace: 'tickets' },
      spec: {
        hostPID: true,
        containers: [{ name: 'debug', image: 'busybox', securityContext: { privileged: true } }],
      },
    },
    code: 201,
  });
  write.wait(2);
  write.cluster({
    ...developer,
    verb: 'create',
    uri: '/api/v1/namespaces/tickets/pods/debug-0/exec?command=nsenter',
    object: { resource: 'pods', namespace: 'tickets', name: 'debug-0', subresource: 'exec', apiVersion: 'v1' },
    code: 101,
  });
  write.wait(3);
  write.cluster({
    ...developer,
    impersonated: { username: 'tickets-operator', groups: ['system:masters'] },
    verb: 'create',
    uri: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    object: { resource: 'clusterroles', apiGroup: 'rbac.authorization.k8s.io', apiVersion: 'v1' },
    request: {
      kind: 'ClusterRole',
      metadata: { name: 'tickets-helper' },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    },
    code: 201,
  });
  write.wait(9);
  write.azure('Microsoft.Compute/virtualMachines/extensions/write', `${machine}/extensions/setup`, {
    properties: {
      publisher: 'Microsoft.Azure.Extensions',
      type: 'CustomScript',
      settings: { commandToExecute: 'sh setup.sh' },
    },
  });
  write.wait(5);
  write.azure(
    'Microsoft.Compute/snapshots/beginGetAccess/action',
    cast.armId('Microsoft.Compute/snapshots/snap-tickets-db'),
    { access: 'Read', durationInSeconds: 86400 },
  );
  return {
    expected: {
      principals: [person.upn],
      clouds: ['Microsoft Entra', 'Kubernetes', 'Azure'],
      steps: [
        SIGN_IN,
        'create pods',
        'create pods/exec',
        'create clusterroles',
        'Microsoft.Compute/virtualMachines/extensions/write',
        'Microsoft.Compute/snapshots/beginGetAccess/action',
      ],
      techniques: ['T1528', 'T1611', 'T1609', 'T1098.006', 'T1651', 'T1537'],
    },
  };
});
