import { expect, it } from 'vitest';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { EntityList } from './entity-list.ts';

it('keeps the first mention of a key, and no more entities than an event may name', () => {
  const list = new EntityList();
  list.add(undefined);
  list.add({ kind: 'user', key: 'upn:a@contoso.example', part: 'actor', label: 'a@contoso.example' });
  list.add({ kind: 'user', key: 'upn:a@contoso.example', part: 'target' });
  expect(list.entities).toEqual([
    { kind: 'user', key: 'upn:a@contoso.example', part: 'actor', label: 'a@contoso.example' },
  ]);
  expect(list.full).toBe(false);
  for (let i = 0; i < MAX_ENTITIES + 5; i++) list.add({ kind: 'resource', key: `arm:/${i}`, part: 'target' });
  expect(list.entities).toHaveLength(MAX_ENTITIES);
  expect(list.full).toBe(true);
});
