import { expect, it } from 'vitest';
import { section } from './section.ts';

it('shows titles and lines that somebody chose without what moves a cursor', () => {
  const lines = section('nsg-deny: web\u001b[2J', ['a\u202e'], (line) => [line]);
  expect(lines.join('\n')).toContain('nsg-deny: web?[2J');
  expect(lines.at(-1)).toBe('  a?');
});
