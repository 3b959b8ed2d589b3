import { writeChain } from './chain-writer.ts';
import { OWNER_ASSIGNED, SIGN_IN, assignOwner, assumeAsApplication, phishByDeviceCode } from './moves.ts';

/** A command on a virtual machine gives the token of the machine's identity, and that one is trusted by AWS. */
export const machineIdentityToAws = writeChain(
  9,
  'machine-identity-to-aws',
  ['Lotte Jansen', 'warehouse'],
  (write, cast) => {
    const machine = cast.armId('Microsoft.Compute/virtualMachines/vm-warehouse-1');
    const identity = cast.workload('vm-warehouse-1', 0, machine);
    phishByDeviceCode(write);
    write.wait(8);
    write.azure('Microsoft.Compute/virtualMachines/runCommand/action', machine, {
      commandId: 'RunShellScript',
      script: ['curl -H Metadata:true http://169.254.169.254/metadata/identity/oauth2/token'],
    });
    write.wait(2);
    write.workloadSignIn(identity, { attachedTo: machine });
    write.wait(3);
    assignOwner(write, identity, identity);
    write.wait(4);
    write.azure(
      'Microsoft.Network/networkSecurityGroups/securityRules/write',
      cast.armId('Microsoft.Network/networkSecurityGroups/nsg-warehouse/securityRules/any'),
      {
        properties: {
          access: 'Allow',
          direction: 'Inbound',
          priority: 100,
          protocol: '*',
          sourceAddressPrefix: '*',
          sourcePortRange: '*',
          destinationAddressPrefix: '*',
          destinationPortRange: '22',
        },
      },
      { by: identity },
    );
    write.wait(5);
    write.workloadSignIn(identity, { attachedTo: machine }, { resource: 'warehouse-aws' });
    write.wait(1);
    const session = assumeAsApplication(write, identity, 'warehouse-from-azure', 1);
    write.wait(3);
    write.aws(session.identity, 'ec2:GetPasswordData', { instanceId: 'i-0123456789abcde09' }, { readOnly: true });
    write.wait(3);
    write.aws(session.identity, 's3:DeleteBucketPublicAccessBlock', { bucketName: 'contoso-warehouse-orders' });
    return {
      expected: {
        principals: [cast.person.upn, identity.name],
        clouds: ['Microsoft Entra', 'Azure', 'AWS'],
        steps: [
          SIGN_IN,
          'Microsoft.Compute/virtualMachines/runCommand/action',
          OWNER_ASSIGNED,
          'Microsoft.Network/networkSecurityGroups/securityRules/write',
          'GetPasswordData',
          'DeleteBucketPublicAccessBlock',
        ],
        techniques: ['T1528', 'T1651', 'T1098.003', 'T1686.001', 'T1552', 'T1530'],
      },
    };
  },
);
