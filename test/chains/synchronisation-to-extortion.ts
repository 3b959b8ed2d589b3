import type { Person } from '../../local/demo/tenant.ts';
import { writeChain } from './chain-writer.ts';
import { accessElevated, domainFederated, passwordReset, securityInfoRegistered } from './directory-changes.ts';
import { OWNER_ASSIGNED, assignOwner, signInAtHighRisk } from './moves.ts';

/**
 * From the server that synchronises the directory to extortion: its account resets the password of an administrator without a second factor; a domain
 * is federated, Azure taken over, and what would bring the data back is deleted.
 */
export const synchronisationToExtortion = writeChain(
  2,
  'synchronisation-to-extortion',
  ['Edvin Carlisle', 'ledger'],
  (write, cast) => {
    const account: Person = {
      ...cast.colleague('On-Premises Directory Synchronization Service Account', 2),
      upn: 'Sync_DC01_0a1b2c3d4e5f@contoso.example',
    };
    write.directory(passwordReset(cast.person), { by: account, from: account });
    write.wait(6);
    signInAtHighRisk(write);
    write.wait(2);
    write.directory(securityInfoRegistered(cast.person));
    write.wait(9);
    write.directory(domainFederated('ledger.contoso.example'));
    write.wait(12);
    write.directory(accessElevated);
    write.wait(3);
    assignOwner(write, cast.person);
    write.wait(5);
    write.azure('Microsoft.Authorization/locks/delete', cast.armId('Microsoft.Authorization/locks/keep'));
    write.wait(2);
    write.azure(
      'Microsoft.Storage/storageAccounts/listKeys/action',
      cast.armId('Microsoft.Storage/storageAccounts/stledger'),
    );
    write.wait(4);
    for (const vm of ['vm-ledger-1', 'vm-ledger-2', 'vm-ledger-3']) {
      write.azure(
        'Microsoft.Compute/restorePointCollections/delete',
        cast.armId(`Microsoft.Compute/restorePointCollections/${vm}`),
      );
      write.wait(1);
    }
    write.azure('Microsoft.RecoveryServices/vaults/delete', cast.armId('Microsoft.RecoveryServices/vaults/rsv-ledger'));
    write.wait(3);
    write.azure('Microsoft.Storage/storageAccounts/write', cast.armId('Microsoft.Storage/storageAccounts/stledger'), {
      properties: {
        encryption: {
          keySource: 'Microsoft.Keyvault',
          keyvaultproperties: { keyname: 'k1', keyvaulturi: 'https://kv-fabrikam.vault.example' },
        },
      },
    });
    return {
      expected: {
        principals: [cast.person.upn],
        clouds: ['Microsoft Entra', 'Azure'],
        steps: [
          'Reset user password',
          'Sign-in activity',
          'Set federation settings on domain',
          'User has elevated their access to User Access Administrator for their Azure Resources',
          OWNER_ASSIGNED,
          'Microsoft.Authorization/locks/delete',
          'Microsoft.Compute/restorePointCollections/delete',
          'Microsoft.RecoveryServices/vaults/delete',
          'Microsoft.Storage/storageAccounts/write',
        ],
        techniques: ['T1098', 'T1078.004', 'T1484.002', 'T1098.003', 'T1490', 'T1486'],
      },
    };
  },
);
