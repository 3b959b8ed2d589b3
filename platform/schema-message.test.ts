import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { schemaMessage } from './schema-message.ts';

const messageOf = (schema: z.ZodType, value: unknown): string => {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  return issue === undefined ? 'fits' : schemaMessage(issue);
};

describe('what does not fit a schema, in words', () => {
  it.each([
    ['what is missing', z.object({ title: z.string() }), {}, 'is missing; expected a text'],
    ['another type', z.string(), 5, 'expected a text, found a number'],
    ['a list', z.array(z.string()), 'x', 'expected a list, found a text'],
    ['a map', z.strictObject({}), [], 'expected a map, found a list'],
    ['true or false', z.boolean(), 1, 'expected true or false, found a number'],
    ['null', z.number(), null, 'expected a number, found null'],
    ['a choice', z.enum(['low', 'high']), 'hihg', 'expected one of low, high'],
    ['a long text', z.string().max(3), 'long', 'expected at most 3 characters'],
    ['an empty text', z.string().min(1), '', 'expected at least 1 character'],
    ['a long list', z.array(z.int()).max(1), [1, 2], 'expected at most 1 member'],
    ['a large number', z.number().max(12), 13, 'expected at most 12'],
    ['an unknown key', z.strictObject({}), { a: 1 }, 'Unrecognized key: "a"'],
  ])('%s', (_name, schema, value, message) => {
    expect(messageOf(schema, value)).toBe(message);
  });

  it('leaves what a schema says itself as it is', () => {
    expect(messageOf(z.string('expected a name'), 5)).toBe('expected a name');
    expect(messageOf(z.string().max(1, 'too long a name'), 'ab')).toBe('too long a name');
  });
});
