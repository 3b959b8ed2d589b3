/**
 * Values of the kinds that records hold, all invented. A comparison that is true of all values of a kind tells none of them apart.
 * Within a kind they differ in whatever a pattern could name.
 */
export const VALUE_KINDS: Readonly<Record<string, readonly string[]>> = {
  word: ['root', 'alice', 'svc-build', 'b', 'zoë.quinn', 'node_7', 'x'],
  'operation name': [
    'StopLogging',
    'ListBuckets',
    'Create',
    'update',
    'MICROSOFT.WEB/SITES/WRITE',
    'Add member to role',
  ],
  number: ['0', '1', '2', '7', '443', '65535', '1099511627776'],
  account: ['111122223333', '444455556666', '987654321098', '000000000000'],
  boolean: ['true', 'false'],
  GUID: [
    '00000000-0000-4000-8000-000000000001',
    '9e107d9d-372b-4a6c-b6d8-e3f5a1c20b44',
    'FEDCBA98-7654-4321-8FED-CBA987654321',
  ],
  'IPv4 address': [
    '1.2.3.4',
    '10.8.0.1',
    '66.7.8.9',
    '100.64.3.2',
    '150.20.3.77',
    '172.16.5.6',
    '203.0.113.9',
    '250.1.1.255',
  ],
  'IPv6 address': ['::1', '2001:db8::7', '2a00:1234:5::9', 'fe80::aa', 'fd12:3456::1', 'ff02::1', '6000::', 'a000::'],
  'host name': ['contoso.example', 'db-1.internal', 'a.b.fabrikam.example', 'localhost'],
  'mail address': ['alice@contoso.example', 'b.c@fabrikam.example', 'Z9@x.org'],
  ARN: [
    'arn:aws:iam::111122223333:user/alice',
    'arn:aws:sts::444455556666:assumed-role/deploy/run-1',
    'arn:aws-us-gov:s3:::logs',
    'arn:aws-cn:kms:cn-north-1:987654321098:key/1',
  ],
  'Azure resource': [
    '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/web',
    '/SUBSCRIPTIONS/9E107D9D-372B-4A6C-B6D8-E3F5A1C20B44/PROVIDERS/MICROSOFT.SQL/SERVERS/Q',
    '/providers/Microsoft.Management/managementGroups/x',
  ],
  region: ['eu-north-1', 'us-east-2', 'ap-southeast-4', 'westeurope'],
  time: ['2026-01-31T00:00:00Z', '2027-12-05T07:08:09.123Z', '2024-02-29T23:59:59Z', '2025-10-10T12:30:30Z'],
  'user agent': [
    'aws-cli/2.31.0 Python/3.13',
    'Mozilla/5.0 (X11; Linux x86_64)',
    'Boto3/1.40',
    'HashiCorp Terraform/1.13',
  ],
  'long text': [
    'sphinx of black quartz, judge my vow: 0123456789 - _ . / @ "x" {y} [z] (SPHINX OF BLACK QUARTZ, JUDGE MY VOW)',
    'jackdaws love my big grey sphinx of quartz; 9876543210 + - _ . / @ "k" {v} [n] (JACKDAWS LOVE MY BIG GREY SPHINX OF QUARTZ)',
    'how vexingly quick daft zebras jump, 5647382910 : - _ . / @ "a" {b} [c] (HOW VEXINGLY QUICK DAFT ZEBRAS JUMP)',
  ],
};
