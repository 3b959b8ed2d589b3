import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ended } from '../../../test/command.ts';

const STOPPED = {
  eventVersion: '1.08',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ann', accountId: '111122223333' },
  eventTime: '2026-01-01T00:00:00Z',
  eventSource: 'cloudtrail.amazonaws.com',
  eventName: 'StopLogging',
  awsRegion: 'eu-north-1',
  sourceIPAddress: '203.0.113.7',
  requestParameters: { name: 'main' },
  eventID: '00000000-0000-4000-8000-0000000000e1',
  eventType: 'AwsApiCall',
};
const DENIED = {
  ...STOPPED,
  errorCode: 'Access\u001b[2JDenied',
  eventID: '00000000-0000-4000-8000-0000000000e2',
};
const RULE = `title: Odd thing
id: 00000000-0000-4000-8000-000000000001
level: low
logsource: { product: gcp }
detection: { selection: { kind: bad }, condition: selection }
`;
const EXCEPTION = `title: Ann tests the trail
id: anns-test
rules: [0b7d3c52-1f7e-4c39-9d6b-5a0f6f1f2a01]
detection: { selection: { userIdentity.arn: 'arn:aws:iam::111122223333:user/ann' }, condition: selection }
owner: cloud-security
reason: She stops it on purpose.
`;

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-explain-'));
  await writeFile(at('trail.json.gz'), gzipSync(JSON.stringify({ Records: [STOPPED, 7, DENIED] })));
  await writeFile(at('other.ndjson'), '{"kind":"good"}\n{"kind":"bad"}\n');
  await writeFile(at('rule.yml'), `${RULE}---\n${RULE.replace('0001', '0002').replace('bad', 'good')}`);
  await writeFile(
    at('broken.yml'),
    `${RULE}---\ntitle: Worse\nlogsource: { product: gcp }\ndetection: { condition: a }\n`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command in the folder, so that no configuration of the project counts. */
function explain(args: readonly string[], input = ''): Promise<Ended> {
  return runCommand(folder, ['rules', 'explain', ...args], input);
}

describe('tells why a rule fires or not', () => {
  it('0 where it fires, of a rule in use and the first record', async () => {
    const { code, out, errors } = await explain(['cloudtrail TRAIL stopped or deleted', 'trail.json.gz']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toContain(
      'trail.json.gz record 0: cloudtrail/00000000-0000-4000-8000-0000000000e1, 2026-01-01 00:00:00 UTC',
    );
    expect(out).toContain('✓ log source: the rule is for aws/cloudtrail, the record is of aws/cloudtrail');
    expect(out).toContain(
      "✓ eventName: 'StopLogging', 'DeleteTrail'\n    eventName = 'StopLogging' matches 'StopLogging'",
    );
    expect(out).toContain("✗ errorCode: '?*'\n    not in the record");
    expect(out.trimEnd().split('\n').at(-1)).toBe('Fires.');
  });

  it('1 where it does not, and what the record holds can move no cursor', async () => {
    const { code, out } = await explain(['0b7d3c52-1f7e-4c39-9d6b-5a0f6f1f2a01', 'trail.json.gz', '--record', '2']);
    expect(code).toBe(1);
    expect(out).toContain("errorCode = 'Access?[2JDenied'");
    expect(out).not.toContain('\u001b');
    expect(out.trimEnd().split('\n').at(-1)).toBe('Does not fire: failed matches (errorCode).');
  });

  it('as JSON, of one rule of a file and the record of an id, from standard input', async () => {
    const args = [
      'rule.yml',
      '-',
      '--id',
      '00000000-0000-4000-8000-000000000002',
      '--source',
      'json',
      '--format',
      'ndjson',
    ];
    const { code, out } = await explain(
      [...args, '--record', 'b'],
      '{"id":"a","kind":"bad"}\n{"id":"b","kind":"good"}',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      type: 'explanation',
      record: { origin: { file: '-', record: 1 }, recordId: 'b', principal: 'unknown' },
      kind: 'sigma',
      rule: { id: '00000000-0000-4000-8000-000000000002', title: 'Odd thing', level: 'low', file: 'rule.yml', line: 7 },
      fires: true,
      selections: [
        { name: 'selection', part: { kind: 'item', field: 'kind', found: { values: [{ value: 'good' }] } } },
      ],
    });
  });

  it('names the exception that suppresses what fires', async () => {
    const inTwoDays = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    await mkdir(at('excepted'));
    await writeFile(at('excepted/ann.yml'), `${EXCEPTION}expires: ${inTwoDays}\nreview: ${inTwoDays}\n`);
    await writeFile(at('with-exception.yaml'), 'exceptions: { directories: [excepted] }');
    const args = ['0b7d3c52-1f7e-4c39-9d6b-5a0f6f1f2a01', 'trail.json.gz', '--config', 'with-exception.yaml'];
    const { code, out, errors } = await explain(args);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toContain('The signal is suppressed by the exception anns-test.');
  });
});

describe('2 with a clear message and no stack', () => {
  it.each([
    ["there is no rule 'nothing' among the", ['nothing', 'trail.json.gz']],
    [
      "broken.yml:9: the rule cannot be used: condition: there is no selection 'a'",
      ['broken.yml', 'trail.json.gz', '--id', 'Worse'],
    ],
    [
      "rule.yml holds no rule 'x'; it holds 00000000-0000-4000-8000-000000000001",
      ['rule.yml', 'trail.json.gz', '--id', 'x'],
    ],
    [
      'trail.json.gz record 1 is rejected: a record must be a JSON object',
      ['rule.yml', 'trail.json.gz', '--record', '1'],
    ],
    [
      'trail.json.gz holds 3 records, numbered from 0: there is no record 3',
      ['rule.yml', 'trail.json.gz', '--record', '3'],
    ],
    ['other.ndjson record 0 is rejected: no source reads this kind of record', ['rule.yml', 'other.ndjson']],
    ['none.json: the file cannot be read: it is not there', ['rule.yml', 'none.json']],
  ])('%s', async (message, args) => {
    const { code, out, errors } = await explain(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(errors).toContain(message);
    expect(errors).not.toMatch(/^\s+at /m);
  });
});
