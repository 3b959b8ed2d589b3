import { expect, test } from 'vitest';
import { FilterError, startPositionOf } from './filter.ts';

test.each([
  [undefined, { at: 'earliest' }],
  ["amqp.annotation.x-opt-offset > '-1'", { at: 'earliest' }],
  ["amqp.annotation.x-opt-offset > '@latest'", { at: 'latest' }],
  ["amqp.annotation.x-opt-offset > '4096'", { at: 'offset', value: 4096, inclusive: false }],
  ["amqp.annotation.x-opt-offset >= '4096'", { at: 'offset', value: 4096, inclusive: true }],
  ["amqp.annotation.x-opt-sequence-number > '7'", { at: 'sequence', value: 7, inclusive: false }],
  ["amqp.annotation.x-opt-sequence-number >= '0'", { at: 'sequence', value: 0, inclusive: true }],
  ["amqp.annotation.x-opt-enqueued-time > '1764547200000'", { at: 'time', value: 1764547200000, inclusive: false }],
])('%s', (selector, expected) => {
  expect(startPositionOf(selector)).toEqual(expected);
});

test.each([
  '',
  "amqp.annotation.x-opt-offset < '5'",
  "amqp.annotation.x-opt-offset > '5' OR 1 = 1",
  "amqp.annotation.x-opt-sequence-number > '@latest'",
  "amqp.annotation.x-opt-enqueued-time > '2026-01-01'",
  "amqp.annotation.x-opt-offset > '99999999999999999999'",
])('"%s" is refused, with what was expected', (selector) => {
  expect(() => startPositionOf(selector)).toThrow(FilterError);
  expect(() => startPositionOf(selector)).toThrow('Expected is');
});
