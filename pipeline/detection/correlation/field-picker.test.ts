import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { correlated, correlationOf } from './correlation-samples.ts';
import { FieldPicker } from './field-picker.ts';

const SECTION = {
  type: 'value_count',
  rules: ['r', 's'],
  timespan: '1h',
  'group-by': ['principal', 'who'],
  aliases: { who: { r: 'user.name', s: 'principal' } },
  condition: { field: 'ip', gte: 2 },
};

const matches = (fields: JsonObject, ruleIds: readonly string[], section: unknown = SECTION) =>
  new FieldPicker(correlated(correlationOf(section))).matches({ fields }, ruleIds);

describe('FieldPicker', () => {
  it('takes of each rule the fields that correlations name, as it spells them, but for who acted', () => {
    const fields = {
      user: { name: 'Ada' },
      who: 'x',
      ip: ['203.0.113.7', '', null, '203.0.113.8'],
      principal: 'forged',
    };
    expect(matches(fields, ['r', 'other', 's'])).toEqual([
      { rule: 'r', values: { 'user.name': ['Ada'], ip: ['203.0.113.7', '203.0.113.8'] } },
      { rule: 's', values: { ip: ['203.0.113.7', '203.0.113.8'] } },
    ]);
  });

  it('takes nothing of rules that no correlation names', () => {
    expect(matches({ ip: 'x' }, ['other', 'correlation'])).toEqual([]);
  });

  it('gives what can be sent and read again, whatever fields are called and however long they are', () => {
    const fields = JSON.parse(`{"__proto__": "${'x'.repeat(5000)}", "constructor": "y"}`) as JsonObject;
    const section = { ...SECTION, 'group-by': ['__proto__', 'constructor', 'absent'], aliases: undefined };
    const found = matches(fields, ['r'], section);
    const [match] = JSON.parse(JSON.stringify(found)) as typeof found;
    expect(Object.keys(match?.values ?? {})).toEqual(['__proto__', 'constructor', 'absent', 'ip']);
    expect(Object.getOwnPropertyDescriptor(match?.values, '__proto__')?.value).toHaveLength(1);
    expect(JSON.stringify(match).length).toBeLessThan(1000);
  });
});
