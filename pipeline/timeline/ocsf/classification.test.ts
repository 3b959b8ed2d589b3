import { describe, expect, it } from 'vitest';
import { classification } from './classification.ts';
import schema from './schema.generated.json' with { type: 'json' };

describe('classification', () => {
  it('numbers an API call that reads', () => {
    expect(classification(6003, 2)).toEqual({ activity_id: 2, category_uid: 6, class_uid: 6003, type_uid: 600302 });
  });

  it('numbers an event of no class', () => {
    expect(classification(0, 99)).toEqual({ activity_id: 99, category_uid: 0, class_uid: 0, type_uid: 99 });
  });

  it.each([
    [schema.classes.account_change, 3001],
    [schema.classes.api_activity, 6003],
    [schema.classes.authentication, 3002],
    [schema.classes.base_event, 0],
    [schema.classes.detection_finding, 2004],
    [schema.classes.entity_management, 3004],
    [schema.classes.group_management, 3006],
    [schema.classes.incident_finding, 2005],
    [schema.classes.user_access, 3005],
  ] as const)('agrees with the schema on every activity of $caption', ({ attributes, category_uid }, class_uid) => {
    const activities = Object.keys(attributes.activity_id.enum).map(Number);
    const types = activities.map((activity) => classification(class_uid, activity as 99));
    expect(types.map(({ type_uid }) => String(type_uid))).toEqual(Object.keys(attributes.type_uid.enum));
    expect(new Set(types.map((type) => type.category_uid))).toEqual(new Set([category_uid]));
    expect(Object.keys(attributes.class_uid.enum)).toEqual([String(class_uid)]);
  });
});
