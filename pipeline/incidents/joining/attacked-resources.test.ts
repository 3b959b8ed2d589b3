import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import {
  ACCOUNT,
  activity,
  alertOf,
  ANN,
  aws,
  azure,
  joinsOf,
  observed,
  roleSession,
  user,
} from './joining-samples.ts';

const machine = azure('Microsoft.Compute/virtualMachines/web-1');
const asAnn = user(ANN, 'ann@contoso.example');
const commands = (minute: number, on = machine) =>
  activity(minute, asAnn, 'Microsoft.Compute/virtualMachines/runCommand/action', on);

/** An alert of Defender for Cloud, or an assessment of it. */
const watched = (resource: string, more: JsonObject = {}) =>
  observed({
    SystemAlertId: '00000000-0000-4000-8000-0000000000d1',
    AlertType: 'VM_SuspectDownload',
    AlertDisplayName: 'Suspicious download',
    TimeGenerated: '2026-11-20T09:20:00Z',
    Severity: 'High',
    AzureResourceId: resource,
    ...more,
  });

/** A finding of GuardDuty. */
const found = (resource: JsonObject) =>
  observed({
    Id: 'arn:aws:guardduty:eu-central-1:111122223333:detector/d/finding/f',
    ProductArn: 'arn:aws:securityhub:eu-central-1::product/aws/guardduty',
    GeneratorId: 'd',
    AwsAccountId: ACCOUNT,
    Region: 'eu-central-1',
    Title: 'Credentials are used from elsewhere',
    UpdatedAt: '2026-11-20T09:20:00Z',
    Resources: [resource],
  });

describe('what an attack was seen on is joined with who acted on it', () => {
  it('a machine that Defender for Cloud reports, with a command that was run on it', () => {
    expect(joinsOf([alertOf('a', commands(5)), alertOf('b', watched(machine))])).toEqual(['a+b by resource']);
    expect(joinsOf([alertOf('a', commands(5, `${machine}-old`)), alertOf('b', watched(machine))])).toEqual([]);
  });

  it('but not with all that is done in a subscription that it reports', () => {
    const subscription = machine.slice(0, machine.indexOf('/resourceGroups'));
    expect(joinsOf([alertOf('a', commands(5)), alertOf('b', watched(subscription))])).toEqual([]);
  });

  it('a person whom it names, with what she does', () => {
    const Entities = [{ Type: 'account', Name: 'ann', UPNSuffix: 'contoso.example' }];
    const elsewhere = azure('Microsoft.Sql/servers/shop');
    expect(joinsOf([alertOf('a', commands(5)), alertOf('b', watched(elsewhere, { Entities }))])).toEqual([
      'a+b by principal',
    ]);
  });

  it('an access key that GuardDuty reports, with what is done with it', () => {
    const key = 'ASIACONTOSO000000001';
    const calls = aws(5, roleSession('deploy', 'nightly', key), 's3', 'ListBuckets');
    const reported = (id: string) => found({ Type: 'AwsIamAccessKey', Id: `AWS::IAM::AccessKey:${id}` });
    expect(joinsOf([alertOf('a', calls), alertOf('b', reported(key))])).toEqual(['a+b by session']);
    expect(joinsOf([alertOf('a', calls), alertOf('b', reported('ASIACONTOSO000000002'))])).toEqual([]);
  });
});
