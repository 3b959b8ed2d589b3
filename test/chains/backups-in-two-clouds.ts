import { AWS_ACCOUNT } from '../../local/demo/tenant.ts';
import { writeChain } from './chain-writer.ts';
import { SIGN_IN, assumeBySaml, signInAtHighRisk } from './moves.ts';

/** Extortion in two clouds at once: locks and backups of Azure, then by SAML those of AWS, and what is left is encrypted with a key from outside. */
export const backupsInTwoClouds = writeChain(
  12,
  'backups-in-two-clouds',
  ['Benedikt Moreau', 'records'],
  (write, cast) => {
    signInAtHighRisk(write);
    write.wait(8);
    write.azure('Microsoft.Authorization/locks/delete', cast.armId('Microsoft.Authorization/locks/never-delete'));
    write.wait(1);
    write.azure(
      'Microsoft.DataProtection/backupVaults/backupInstances/delete',
      cast.armId('Microsoft.DataProtection/backupVaults/bv-records/backupInstances/disk-records'),
    );
    write.wait(4);
    write.azure(
      'Microsoft.Security/alertsSuppressionRules/write',
      '/subscriptions/00000000-0000-4000-8000-0000000005ab/providers/Microsoft.Security/alertsSuppressionRules/quiet',
      { properties: { alertType: '*', state: 'Enabled', reason: 'Noise' } },
    );
    write.wait(9);
    const { identity } = assumeBySaml(write, 'records-administrator', 1);
    write.wait(4);
    write.aws(identity, 'backup:DeleteRecoveryPoint', {
      backupVaultName: 'records',
      recoveryPointArn: `arn:aws:ec2:eu-north-1::snapshot/snap-0123456789abcde12`,
    });
    write.wait(1);
    write.aws(identity, 's3:PutBucketVersioning', {
      bucketName: 'contoso-records',
      VersioningConfiguration: { Status: 'Suspended' },
    });
    for (const key of ['2026/a.parquet', '2026/b.parquet', '2026/c.parquet']) {
      write.wait(1);
      write.aws(
        identity,
        's3:CopyObject',
        {
          bucketName: 'contoso-records',
          key,
          'x-amz-copy-source': `contoso-records/${key}`,
          'x-amz-server-side-encryption-customer-algorithm': 'AES256',
        },
        { properties: { managementEvent: false, eventCategory: 'Data' } },
      );
    }
    write.wait(2);
    write.aws(identity, 'kms:DisableKey', { keyId: `arn:aws:kms:eu-north-1:${AWS_ACCOUNT}:key/${cast.id(1)}` });
    return {
      expected: {
        principals: [cast.person.upn],
        clouds: ['Microsoft Entra', 'Azure', 'AWS'],
        steps: [
          SIGN_IN,
          'Microsoft.Authorization/locks/delete',
          'Microsoft.DataProtection/backupVaults/backupInstances/delete',
          'Microsoft.Security/alertsSuppressionRules/write',
          'DeleteRecoveryPoint',
          'PutBucketVersioning',
          'CopyObject',
          'DisableKey',
        ],
        techniques: ['T1078.004', 'T1490', 'T1685', 'T1486', 'T1485'],
      },
    };
  },
);
