import { TENANT } from '../../local/demo/tenant.ts';
import { writeChain } from './chain-writer.ts';
import { accessElevated, globalAdministratorAdded, policyDisabled, temporaryAccessPass } from './directory-changes.ts';
import { OWNER_ASSIGNED, SIGN_IN, assignOwner, phishByProxy } from './moves.ts';

/** The help desk is phished and makes a pass for an administrator, as whom the attacker goes on: to an own administrator, and to all of Azure. */
export const passForAdministrator = writeChain(
  10,
  'pass-for-administrator',
  ['Hugo Lindgren', 'portal'],
  (write, cast) => {
    const administrator = cast.colleague('Vera Castell', 2);
    const { attacker } = cast;
    phishByProxy(write);
    write.wait(7);
    write.directory(temporaryAccessPass(administrator));
    write.wait(4);
    write.signIn({
      who: administrator,
      app: { id: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', name: 'Azure Portal' },
      properties: { authenticationDetails: [{ authenticationMethod: 'Temporary Access Pass', succeeded: true }] },
    });
    write.wait(3);
    write.directory(policyDisabled(cast.id(1)), { by: administrator });
    write.wait(3);
    write.directory(globalAdministratorAdded(cast.person), { by: administrator });
    write.wait(8);
    write.directory(accessElevated);
    write.wait(2);
    assignOwner(write, cast.person);
    write.wait(6);
    write.azure(
      'Microsoft.Security/pricings/write',
      `/subscriptions/00000000-0000-4000-8000-0000000005ab/providers/Microsoft.Security/pricings/VirtualMachines`,
      { properties: { pricingTier: 'Free' } },
    );
    write.wait(3);
    write.azure(
      'Microsoft.Automation/automationAccounts/webhooks/write',
      cast.armId('Microsoft.Automation/automationAccounts/aa-portal/webhooks/nightly'),
      { properties: { isEnabled: true, runbook: { name: 'sync-portal' }, expiryTime: '2036-01-01T00:00:00Z' } },
      { from: attacker },
    );
    return {
      directory: {
        users: [{ tenant: TENANT, objectId: administrator.objectId, userPrincipalName: administrator.upn }],
      },
      expected: {
        principals: [cast.person.upn, administrator.upn],
        clouds: ['Microsoft Entra', 'Azure'],
        steps: [
          SIGN_IN,
          'Create Temporary Access Pass method for user',
          'Update conditional access policy',
          'Add member to role',
          'User has elevated their access to User Access Administrator for their Azure Resources',
          OWNER_ASSIGNED,
          'Microsoft.Security/pricings/write',
          'Microsoft.Automation/automationAccounts/webhooks/write',
        ],
        techniques: ['T1539', 'T1556.006', 'T1556.009', 'T1098.003', 'T1685', 'T1546'],
      },
    };
  },
);
