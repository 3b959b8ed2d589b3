import { describe, expect, it } from 'vitest';
import { compile, type Selection } from './ocsf-compile.ts';
import type { AttributeFile, Definition, SchemaFiles } from './ocsf-files.ts';
import { typescriptOf } from './ocsf-typescript.ts';

const definition = (
  name: string,
  own: Record<string, AttributeFile>,
  more: Partial<Definition> = {},
  include: string[] = [],
): [string, Definition] => [
  name,
  { name, caption: `The ${name}`, ...more, attributes: { include, own: new Map(Object.entries(own)) } },
];

const dictionary = {
  activity_id: { type: 'integer_t', sibling: 'activity_name', enum: { 0: { caption: 'Unknown' } } },
  activity_name: { type: 'string_t' },
  address: { type: 'ip_t' },
  category_uid: { type: 'integer_t' },
  class_uid: { type: 'integer_t' },
  extra: { type: 'object' },
  old: { type: 'string_t', '@deprecated': { message: 'no longer', since: '1.0.0' } },
  other: { type: 'string_t' },
  parent: { type: 'person' },
  people: { type: 'person', is_array: true },
  seen_time: { type: 'timestamp_t' },
  sighting: { type: 'observable' },
  type_id: { type: 'integer_t', enum: { 0: { caption: 'Unknown' } } },
  type_uid: { type: 'long_t' },
  zone: { type: 'string_t', observable: 14 },
};

/** A small invented schema in the shape of the real one. */
const files: SchemaFiles = {
  version: '9.9.9',
  types: new Map([
    ['datetime_t', { caption: 'Datetime', type: 'string_t' }],
    ['integer_t', { caption: 'Integer' }],
    ['ip_t', { caption: 'IP Address', type: 'string_t', max_len: 40, regex: '^[0-9.]+$', observable: 2 }],
    ['long_t', { caption: 'Long' }],
    ['string_t', { caption: 'String' }],
    ['timestamp_t', { caption: 'Timestamp', type: 'long_t' }],
    ['url_t', { caption: 'URL', type: 'string_t' }],
  ]),
  dictionary: new Map(
    Object.entries(dictionary).map(([name, attribute]) => [name, { caption: name, ...attribute } as never]),
  ),
  categories: new Map([['doings', { uid: 7, caption: 'Doings' }]]),
  classes: new Map([
    definition(
      'base',
      { activity_id: { requirement: 'required' }, category_uid: {}, class_uid: {}, type_uid: {} },
      { profiles: ['place'], category: 'other' },
      ['profiles/place.json'],
    ),
    definition('doing', { old: { requirement: 'required' } }, { extends: 'base', category: 'doings' }),
    definition(
      'walk',
      {
        activity_id: { enum: { 1: { caption: 'Start' } } },
        zone: { requirement: 'required', profile: null },
        people: { requirement: 'recommended' },
        sighting: {},
        extra: {},
      },
      { extends: 'doing', uid: 3, constraints: { at_least_one: ['people', 'old'] } },
      ['profiles/unused.json'],
    ),
  ]),
  objects: new Map([
    definition('object', {}),
    definition('thing', { other: {} }, { extends: 'object', constraints: { just_one: ['other'] } }),
    definition(
      'person',
      { parent: {}, address: { requirement: 'required', observable: 31 }, seen_time: {} },
      { extends: 'thing', observable: 21, constraints: {} },
    ),
    definition('observable', { type_id: { requirement: 'required', enum: { 99: { caption: 'Other' } } } }),
    definition('unreached', {}),
  ]),
  profiles: new Map([definition('place', { zone: {}, address: {} }), definition('unused', { other: {} })]),
};

const selection: Selection = {
  source: { repository: 'r', version: '9.9.9', commit: 'c', license: 'l', notice: 'n' },
  classes: ['walk', 'base'],
  profiles: ['place', 'datetime'],
};

describe('compile', () => {
  const schema = compile(files, selection);
  const walk = schema.classes['walk'];

  it('numbers classes and types, and captions them', () => {
    expect(walk).toMatchObject({ caption: 'The walk', class_uid: 7003, category_uid: 7, profiles: ['place'] });
    expect(walk?.attributes['type_uid']?.enum).toEqual({ 700300: 'The walk: Unknown', 700301: 'The walk: Start' });
    expect(walk?.attributes['category_uid']?.enum).toEqual({ 7: 'Doings' });
    expect(schema.classes['base']).toMatchObject({ class_uid: 0, category_uid: 0 });
  });

  it('merges dictionary, ancestors and profiles, the nearest last', () => {
    expect(walk?.attributes['activity_id']).toEqual({
      type: 'integer_t',
      requirement: 'required',
      sibling: 'activity_name',
      enum: { 0: 'Unknown', 1: 'Start' },
    });
    expect(walk?.attributes['address']).toEqual({ type: 'ip_t', profile: 'place' });
    expect(walk?.attributes['zone']).toEqual({ type: 'string_t', requirement: 'required' });
    expect(walk?.attributes['people']).toEqual({ object: 'person', is_array: true, requirement: 'recommended' });
  });

  it('leaves out deprecated attributes, other profiles, and what nothing reaches', () => {
    expect(Object.keys(walk?.attributes ?? {})).toEqual(
      ['activity_id', 'address', 'category_uid', 'class_uid', 'extra', 'people', 'sighting', 'type_uid', 'zone'], // no old, no other
    );
    expect(walk?.constraints).toEqual({ at_least_one: ['people'] });
    expect(Object.keys(schema.objects)).toEqual(['observable', 'person']);
    expect(Object.keys(schema.types)).toEqual(['datetime_t', 'integer_t', 'ip_t', 'long_t', 'string_t', 'timestamp_t']);
  });

  it('lets a definition replace the constraints that it inherits', () => {
    expect(schema.objects['person']).not.toHaveProperty('constraints');
  });

  it('gives timestamps their twin of the datetime profile', () => {
    expect(schema.objects['person']?.attributes['seen_time_dt']).toEqual({ type: 'datetime_t', profile: 'datetime' });
    const without = compile(files, { ...selection, profiles: ['place'] });
    expect(without.objects['person']?.attributes).not.toHaveProperty('seen_time_dt');
  });

  it('gathers the types of observables from all over the schema', () => {
    expect(schema.objects['observable']?.attributes['type_id']?.enum).toEqual({
      0: 'Unknown',
      2: 'IP Address',
      14: 'zone',
      21: 'The person',
      31: 'The person Object: address',
      99: 'Other',
    });
  });

  it('refuses another version, and a class that is not there', () => {
    expect(() => compile({ ...files, version: '1.0.0' }, selection)).toThrow(
      "the schema's version.json says 1.0.0; 9.9.9 is expected",
    );
    expect(() => compile(files, { ...selection, classes: ['run'] })).toThrow('does not define: run');
  });

  it('is written as interfaces', () => {
    const text = typescriptOf(schema);
    expect(text).toContain('/** at_least_one: people. */\nexport interface Walk {');
    expect(text).toContain('  /** 0 Unknown, 1 Start. */\n  readonly activity_id: 0 | 1;\n');
    expect(text).toContain('  readonly people?: readonly Person[] | undefined;\n');
    expect(text).toContain('  readonly extra?: JsonObject | undefined;\n');
    expect(text).toContain('export interface Person {\n  readonly address: string;\n');
  });
});
