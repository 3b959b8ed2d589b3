import { describe, expect, it } from 'vitest';
import { firingOf, type Firing } from './can-fire.ts';
import { compiled, ruleText } from '../testing/rule-samples.ts';

function firing(detection: unknown, logsource: unknown = { product: 'aws', service: 'cloudtrail' }): Firing {
  const rule = compiled(ruleText(detection, { logsource }));
  if (rule.kind !== 'sigma') throw new Error('not a Sigma rule');
  return firingOf(rule);
}

const one = (selection: unknown) => ({ selection, condition: 'selection' });
const CAN: Firing = { problem: undefined, idle: [] };
const lacks = (...fields: string[]): Firing => ({ problem: { kind: 'unknown-fields', fields }, idle: [] });

describe('a rule', () => {
  it.each([
    ['names fields that records have', one({ eventName: 'CreateUser', 'requestParameters.any.thing': 'x' })],
    ['names keywords', one(['CreateUser'])],
    ['asks that a field be null', one({ errorCode: null, eventName: 'x' })],
    ['asks that a field does not exist', one({ 'errorCode|exists': false })],
    ['compares two fields', one({ 'userIdentity.arn|fieldref': 'requestParameters.userName' })],
    ['says what means something else', one({ status: 'success' })],
  ])('can fire where it %s', (_name, detection) => {
    expect(firing(detection)).toEqual(CAN);
  });

  it.each([
    ['must match', one({ eventName: 'CreateUser', event_name: 'x' }), ['event_name']],
    ['must exist', one({ 'commandLine|exists': true }), ['commandLine']],
    ['must not be null', { a: { image: null }, condition: 'not a' }, ['image']],
    ['must equal another', one({ 'eventName|fieldref': 'process.name' }), ['process.name']],
    ['is that to which another is equal', one({ 'process.name|fieldref': 'eventName' }), ['process.name']],
    ['stands in each alternative', one([{ Image: 'a' }, { CommandLine: 'b' }]), ['Image', 'CommandLine']],
    ['is a member of what has none', one({ 'eventName.value': 'x' }), ['eventName.value']],
    [
      'must match, whatever the others do',
      { a: { eventName: 'x' }, b: { Image: 'a' }, c: { User: null }, condition: 'a and (b or not c)' },
      ['Image', 'User'],
    ],
  ])('can never fire where an unknown field %s', (_name, detection, fields) => {
    expect(firing(detection)).toEqual(lacks(...fields));
  });

  it('names an unknown field that does not keep it from firing', () => {
    expect(firing(one([{ eventName: 'x' }, { Image: 'a' }]))).toEqual({ problem: undefined, idle: ['Image'] });
    const filter = { a: { eventName: 'x' }, filter: { Image: 'a' }, condition: 'a and not filter' };
    expect(firing(filter)).toEqual({ problem: undefined, idle: ['Image'] });
  });

  it('always fires where only an unknown field is asked not to match', () => {
    expect(firing({ a: { Image: 'a' }, condition: 'not a' })).toEqual({
      problem: { kind: 'always', fields: ['Image'] },
      idle: [],
    });
  });

  it('is given the benefit of the doubt where the records of its log source are not known', () => {
    expect(firing(one({ Image: 'a' }), { product: 'windows' })).toEqual(CAN);
    expect(firing(one({ Image: 'a' }), { product: 'okta', service: 'okta' })).toEqual(CAN);
  });

  it('is judged by the log sources that it takes in', () => {
    expect(firing(one({ verb: 'create' }), { product: 'kubernetes', service: 'audit' })).toEqual(CAN);
    expect(firing(one({ verb: 'create' }), { category: 'application' })).toEqual(CAN);
    expect(firing(one({ verb: 'create' }), { product: 'azure' })).toEqual(lacks('verb'));
    expect(firing(one({ riskEventType: 'staleSignInAlertIncident' }), { product: 'azure', service: 'pim' })).toEqual(
      CAN,
    );
    expect(firing(one({ riskEventType: 'other' }), { product: 'azure', service: 'pim' })).toEqual(
      lacks('riskEventType'),
    );
  });
});

describe('a contradiction', () => {
  const contradiction = (field: string): Firing => ({ problem: { kind: 'contradiction', field }, idle: [] });

  it.each([
    [
      'two selections that must both match',
      { a: { eventName: 'A' }, b: { eventName: ['B', 'C'] }, condition: 'a and b' },
    ],
    ['all of several values', one({ 'eventName|all': ['A', 'B'] })],
    [
      'alternatives none of which goes with the rest',
      { a: { eventName: 'A' }, b: [{ eventName: 'B' }, { eventName: 'C', errorCode: 'x' }], condition: 'all of them' },
    ],
  ])('is seen in %s', (_name, detection) => {
    expect(firing(detection)).toEqual(contradiction('eventName'));
  });

  it.each([
    ['values that overlap', { a: { eventName: ['A', 'B'] }, b: { eventName: ['b'] }, condition: 'a and b' }],
    [
      'an alternative that goes with the rest',
      { a: { eventName: 'A' }, b: [{ eventName: 'B' }, { errorCode: 'x' }], condition: 'a and b' },
    ],
    ['alternatives', { a: { eventName: 'A' }, b: { eventName: 'B' }, condition: 'a or b' }],
    ['what must not match', { a: { eventName: 'A' }, b: { eventName: 'B' }, condition: 'a and not b' }],
    ['parts of a text', one({ 'eventName|contains|all': ['A', 'B'] })],
    ['a field that may be a list', one({ 'requestParameters.names|all': ['A', 'B'] })],
  ])('is not seen in %s', (_name, detection) => {
    expect(firing(detection)).toEqual(CAN);
  });

  it('is not seen in a field that is found at several places', () => {
    expect(firing(one({ 'operationName|all': ['A', 'B'] }), { product: 'azure', service: 'auditlogs' })).toEqual(CAN);
  });
});

it('takes time in proportion to the rule', () => {
  const selection = Array.from({ length: 5000 }, (_, at) => ({ eventName: `a${at}`, [`unknown${at}`]: 'x' }));
  const started = performance.now();
  expect(firing(one(selection)).problem).toMatchObject({ kind: 'unknown-fields' });
  expect(performance.now() - started).toBeLessThan(10_000);
});
