import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, loadConfiguration, parseConfiguration } from './configuration.ts';

const read = (text: string) => parseConfiguration(text, '/etc/crosstrail/crosstrail.yaml');

describe('parseConfiguration', () => {
  it('fills in defaults, for an empty file too', () => {
    expect(read('')).toMatchObject({ rules: { builtin: true, directories: [] }, exceptions: { directories: [] } });
    expect(read('{}')).toEqual(read(''));
  });

  it('tells by which file it is said, where anything is', () => {
    expect(read('rules: { builtin: false }').file).toBe('/etc/crosstrail/crosstrail.yaml');
    for (const text of ['', '# nothing yet', '{}']) expect(read(text).file).toBeUndefined();
  });

  it('runs rules that are code only where it says so', () => {
    expect(read('').rules.typescript).toBe(false);
    expect(read('rules: { typescript: true }').rules.typescript).toBe(true);
  });

  it('takes the folder of exceptions beside it, where there is one and it does not name others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crosstrail-configuration-'));
    const directories = (text: string) =>
      parseConfiguration(text, join(folder, 'crosstrail.yaml')).exceptions.directories;
    try {
      expect(directories('')).toEqual([]);
      await mkdir(join(folder, 'exceptions'));
      expect(directories('')).toEqual([join(folder, 'exceptions')]);
      expect(directories('exceptions: { directories: [mine] }')).toEqual([join(folder, 'mine')]);
      expect(directories('exceptions: { directories: [] }')).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('keeps which sources are connected, and says nothing where the file does not', () => {
    expect(read('sources: { connected: [entra, cloudtrail] }').sources).toEqual({ connected: ['entra', 'cloudtrail'] });
    expect(read('').sources).toEqual({});
  });

  it('reads spans as milliseconds and directories from the place of the file', () => {
    const text =
      'rules: { directories: [mine] }\ncloudtrail: { poll: { lookback: 90m, targets: [{ region: eu-west-1 }] } }';
    const { rules, cloudtrail } = read(text);
    expect(rules.directories).toEqual(['/etc/crosstrail/mine']);
    expect(cloudtrail.poll).toEqual({ lookback: 5_400_000, targets: [{ region: 'eu-west-1' }] });
  });

  it('reads how often rules are looked at', () => {
    expect(read('').rules.reload).toBe(30_000);
    expect(read('rules: { reload: 5m }').rules.reload).toBe(300_000);
    expect(read('rules: { reload: 0s }').rules.reload).toBe(0);
  });

  it('reads what placeholders stand for', () => {
    const { placeholders } = read(
      'rules: { placeholders: { Administrators: ["adm_*", root], Servers: "srv*" } }',
    ).rules;
    expect([...placeholders]).toEqual([
      ['Administrators', ['adm_*', 'root']],
      ['Servers', ['srv*']],
    ]);
    expect([...read('').rules.placeholders]).toEqual([]);
  });

  it('reads how events are joined', () => {
    expect(read('').correlation).toEqual({
      lateness: {},
      horizon: 86_400_000,
      maxObservations: 500_000,
      networks: [],
      assets: [],
    });
    const networks =
      '[{ cidr: 203.0.113.0/24, egress: true, latitude: 59.3, longitude: 18.1 }, { cidr: "2001:db8::/32" }]';
    const { correlation } = read(
      `correlation: { lateness: { cloudtrail: 30m }, horizon: 2d, maxObservations: 1000, networks: ${networks} }`,
    );
    expect(correlation).toMatchObject({
      lateness: { cloudtrail: 1_800_000 },
      horizon: 172_800_000,
      maxObservations: 1000,
    });
    expect(correlation.networks).toEqual([
      { cidr: '203.0.113.0/24', egress: true, latitude: 59.3, longitude: 18.1 },
      { cidr: '2001:db8::/32', egress: false },
    ]);
  });

  it('reads where the directory stands, from the place of the file', () => {
    expect(read('').identity.directory).toBeUndefined();
    expect(read('identity: { directory: people.csv }').identity.directory).toBe('/etc/crosstrail/people.csv');
    expect(read('identity: { directory: /srv/people.csv }').identity.directory).toBe('/srv/people.csv');
  });

  it('reads which identities deploy, and what only they are to change', () => {
    expect(read('').posture).toEqual({ pipelines: [] });
    const subscription = '/subscriptions/00000000-0000-4000-8000-0000000005ab';
    const scopes = [subscription, `${subscription}/resourceGroups/rg-shop`, 'aws:111122223333'];
    const entra = 'entra:00000000-0000-4000-8000-00000000c0de';
    const pipeline = { identity: 'arn:aws:iam::111122223333:role/deploy', scopes: [...scopes, entra] };
    expect(read(JSON.stringify({ posture: { pipelines: [pipeline] } })).posture.pipelines).toEqual([pipeline]);
  });

  it.each([
    ['correlation: { horizon: soon }', 'correlation.horizon: expected a span'],
    ['correlation: { lateness: { entra: 5 } }', 'correlation.lateness.entra'],
    ['correlation: { maxObservations: 10 }', 'correlation.maxObservations'],
    ['correlation: { networks: [{ cidr: 203.0.113.0 }] }', 'correlation.networks.0.cidr: expected a network'],
    ['correlation: { networks: [{ cidr: 203.0.113.0/24, latitude: 91 }] }', 'correlation.networks.0.latitude'],
    ['correlation: { window: 1h }', 'correlation: '],
    ['identity: { directory: [a] }', 'identity.directory'],
    ['posture: { pipelines: [{ identity: a, scopes: [] }] }', 'posture.pipelines.0.scopes: expected one or more'],
    ['posture: { pipelines: [{ identity: a, scopes: ["aws:12"] }] }', 'posture.pipelines.0.scopes.0: expected the id'],
    ['posture: { pipelines: [{ identity: "", scopes: ["aws:111122223333"] }] }', 'posture.pipelines.0.identity'],
    ['posture: { pipelines: [{ scopes: ["aws:111122223333"] }] }', 'posture.pipelines.0.identity'],
    ['rulez: {}', 'rulez'],
    ['rules: { placeholders: { "%x%": [a] } }', 'rules.placeholders.%x%: expected a name of letters'],
    ['rules: { placeholders: { x: [a, 7] } }', 'rules.placeholders.x.1: expected a text; put numbers in quotes'],
    ['rules: { placeholders: { x: [] } }', 'rules.placeholders.x: expected one or more texts'],
    ['rules: { placeholders: [x] }', 'rules.placeholders: expected a map'],
    ['cloudtrail: { poll: { lookback: soon } }', 'cloudtrail.poll.lookback: expected a span'],
    ['cloudtrail: { poll: { targets: [{ region: eu-west-1, account: 12 }] } }', 'cloudtrail.poll.targets.0.account'],
    ['timeline: { retentionMonths: 0 }', 'timeline.retentionMonths'],
    ['rules: { typescript: all }', 'rules.typescript: '],
    ['sources: { connected: entra }', 'sources.connected: '],
    ['sources: { unconnected: [entra] }', 'sources: '],
    ['rules: [', 'not valid YAML'],
    ['a: &a [x]\nb: [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a]', 'YAML'],
  ])('refuses %s, naming the place', (text, place) => {
    expect(() => read(text)).toThrow(ConfigurationError);
    expect(() => read(text)).toThrow(place);
    expect(() => read(text)).toThrow('/etc/crosstrail/crosstrail.yaml');
  });

  it('says which file is missing when one was named', async () => {
    await expect(loadConfiguration('/nowhere/crosstrail.yaml')).rejects.toThrow('/nowhere/crosstrail.yaml');
  });
});
