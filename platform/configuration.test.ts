import { describe, expect, it } from 'vitest';
import { ConfigurationError, DEFAULT_CONFIGURATION, loadConfiguration, parseConfiguration } from './configuration.ts';

const read = (text: string) => parseConfiguration(text, '/etc/crosstrail/crosstrail.yaml');

describe('parseConfiguration', () => {
  it('fills in defaults, for an empty file too', () => {
    expect(read('')).toEqual(DEFAULT_CONFIGURATION);
    expect(DEFAULT_CONFIGURATION.rules).toEqual({ builtin: true, directories: [] });
  });

  it('reads spans as milliseconds and directories from the place of the file', () => {
    const text =
      'rules: { directories: [mine] }\ncloudtrail: { poll: { lookback: 90m, targets: [{ region: eu-west-1 }] } }';
    const { rules, cloudtrail } = read(text);
    expect(rules.directories).toEqual(['/etc/crosstrail/mine']);
    expect(cloudtrail.poll).toEqual({ lookback: 5_400_000, targets: [{ region: 'eu-west-1' }] });
  });

  it.each([
    ['rulez: {}', 'rulez'],
    ['cloudtrail: { poll: { lookback: soon } }', 'cloudtrail.poll.lookback: expected a span'],
    ['cloudtrail: { poll: { targets: [{ region: eu-west-1, account: 12 }] } }', 'cloudtrail.poll.targets.0.account'],
    ['timeline: { retentionMonths: 0 }', 'timeline.retentionMonths'],
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
