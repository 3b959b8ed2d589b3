import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ACTIONS } from '../playbooks/registry.ts';
import { parametersOf } from '../cli/response/action-parameters.ts';
import { actionsDocument, OUTPUT } from './docs-actions.ts';

it('gives the committed page from the actions themselves', () => {
  const same = actionsDocument(ACTIONS) === readFileSync(OUTPUT, 'utf8');
  expect(same, 'docs/actions.md is not what the actions give: run node scripts/docs-actions.ts').toBe(true);
});

it.each([...ACTIONS.values()].map((action) => [action.name, action] as const))(
  'has for %s what a person must know',
  (_name, action) => {
    expect(action.title).toMatch(/^[A-Z].*[^.]$/);
    expect(action.description).toMatch(/\.$/);
    for (const { name, description } of parametersOf(action)) expect(description, name).not.toBe('');
    expect(Object.values(action.permissions).flat()).not.toEqual([]);
  },
);
