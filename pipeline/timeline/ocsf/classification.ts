import type { OcsfEvent } from './types.ts';

type ByClass = { [E in OcsfEvent as E['class_uid']]: E };

/** The attributes that say what kind of event an event is. */
export type Classification<C extends keyof ByClass> = Pick<
  ByClass[C],
  'activity_id' | 'category_uid' | 'class_uid' | 'type_uid'
>;

/**
 * The numbers that classify an event, from its class and activity: the category is the thousands of the class, the type
 * is the class times 100 plus the activity.
 */
export function classification<C extends keyof ByClass>(
  class_uid: C,
  activity_id: ByClass[C]['activity_id'],
): Classification<C> {
  const numbers = {
    activity_id,
    category_uid: Math.floor(class_uid / 1000),
    class_uid,
    type_uid: class_uid * 100 + activity_id,
  };
  // The compiler does no arithmetic on literal types; the test of this file holds every class and activity to the schema.
  return numbers as Classification<C>;
}
