import { writeChain } from './chain-writer.ts';
import { consentGiven, globalAdministratorAdded, policyDisabled, secretAdded } from './directory-changes.ts';
import { OWNER_ASSIGNED, SIGN_IN, assignOwner, phishByProxy } from './moves.ts';

/** Consent, a secret of the attacker's own, and the application makes itself administrator: nobody's session is needed any more. */
export const applicationToAdministrator = writeChain(
  13,
  'application-to-administrator',
  ['Rosalind Achebe', 'signage'],
  (write, cast) => {
    const app = cast.workload('Signage Sync');
    const secret = cast.id(1);
    phishByProxy(write);
    write.wait(5);
    write.directory(consentGiven(app, cast.person, 'RoleManagement.ReadWrite.Directory Application.ReadWrite.All'));
    write.wait(4);
    write.directory(secretAdded(app, secret));
    write.wait(26);
    write.workloadSignIn(app, { secret }, { resource: 'Microsoft Graph' });
    write.wait(2);
    write.directory(globalAdministratorAdded(app), { by: app });
    write.wait(3);
    write.directory(policyDisabled(cast.id(2)), { by: app });
    write.wait(6);
    write.workloadSignIn(app, { secret });
    write.wait(1);
    assignOwner(write, app, app);
    write.wait(4);
    write.azure(
      'Microsoft.Insights/diagnosticSettings/delete',
      cast.armId('Microsoft.Storage/storageAccounts/stsignage/providers/Microsoft.Insights/diagnosticSettings/hub'),
      {},
      { by: app },
    );
    return {
      expected: {
        principals: [cast.person.upn, app.name],
        clouds: ['Microsoft Entra', 'Azure'],
        steps: [
          SIGN_IN,
          'Consent to application',
          'Add service principal credentials',
          'Add member to role',
          'Update conditional access policy',
          OWNER_ASSIGNED,
          'Microsoft.Insights/diagnosticSettings/delete',
        ],
        techniques: ['T1539', 'T1528', 'T1098.001', 'T1098.003', 'T1556.009', 'T1685.002'],
      },
    };
  },
);
