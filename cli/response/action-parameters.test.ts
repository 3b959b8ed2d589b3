import { expect, it } from 'vitest';
import { z } from 'zod';
import { Blocklist, sampleAction } from '../../test/response/sample-action.ts';
import { UnusableInputError } from '../scan/files.ts';
import { actionNamed, parametersOf, readParameters } from './action-parameters.ts';

const ACTION = sampleAction(new Blocklist());
const NEEDED = ['list=web', 'address=198.51.100.23'];

it('tells what an action takes', () => {
  expect(parametersOf(ACTION).map(({ name, required, takes }) => [name, required, takes])).toEqual([
    ['list', true, 'text'],
    ['address', true, 'text'],
    ['direction', false, 'one of inbound, both'],
    ['ports', false, 'list of whole number'],
    ['tags', false, 'list of text'],
    ['hard', false, 'true or false'],
  ]);
  expect(parametersOf(ACTION)[2]).toMatchObject({ description: 'Which way.', otherwise: 'both', text: true });
});

it('requires of an action with several ways what all of them require', () => {
  const [a, b, c] = [z.string(), z.int(), z.union([z.literal('all'), z.array(z.guid())])];
  const parameters = z.union([z.strictObject({ a, b }), z.strictObject({ a, c })]);
  expect(parametersOf({ parameters }).map(({ name, required, takes }) => [name, required, takes])).toEqual([
    ['a', true, 'text'],
    ['b', false, 'whole number'],
    ['c', false, 'one of all or list of text'],
  ]);
});

it.each([
  [[], {}],
  [['direction=inbound'], { direction: 'inbound' }],
  [['ports=443'], { ports: [443] }],
  [['ports=[80,443]'], { ports: [80, 443] }],
  [['ports=80', 'ports=443'], { ports: [80, 443] }],
  [['hard=true'], { hard: true }],
  [['tags=a, b', 'tags=["c,d"]'], { tags: ['a', 'b', 'c,d'] }],
])('reads %j', (texts, expected) => {
  expect(readParameters(ACTION, [...NEEDED, ...texts])).toEqual({ list: 'web', address: '198.51.100.23', ...expected });
});

it('takes a value with = in it as it is', () => {
  expect(readParameters(ACTION, ['list=a=b=', 'address={"x":1}'])).toEqual({ list: 'a=b=', address: '{"x":1}' });
});

it.each([
  [['nothing'], '--param: expected name=value, found nothing'],
  [['=x'], '--param: expected name=value'],
  [['__proto__=x'], 'sample-block has no parameter __proto__: it takes list, address, direction (optional), ports'],
  [['port\u001b[2J=1'], 'has no parameter port?[2J'],
  [['hard=perhaps'], '--param hard: expected true or false, written as JSON, found perhaps'],
  [['direction=both', 'direction=inbound'], '--param direction is given twice'],
])('cannot use %j', (texts, reason) => {
  const read = () => readParameters(ACTION, [...NEEDED, ...texts]);
  expect(read).toThrow(UnusableInputError);
  expect(read).toThrow(reason);
});

it('names what is missing, and what there is', () => {
  expect(() => readParameters(ACTION, ['list=web'])).toThrow('sample-block also needs --param address=… (text)');
  expect(() => actionNamed(new Map([[ACTION.name, ACTION]]), 'constructor')).toThrow(
    'there is no action constructor; there are sample-block',
  );
});
