import { z } from 'zod';
import type { Tables } from '../../platform/storage/ports.ts';
import { entities } from '../timeline/codec-parts.ts';
import type { Entity } from '../timeline/entity.ts';
import type { Link } from '../timeline/identity/link.ts';
import { Journal } from './journal.ts';
import { linkPagesOf } from './kept-state.ts';

/** Who is who as the state of correlation knows it. */
export interface KeptIdentities {
  readonly links: readonly Link[];
  /** Those that the observations name which are held now, as often as they do. */
  readonly entities: readonly Entity[];
}

const namingPage = z.object({ observations: z.array(z.object({ entities })) });

/**
 * Reads who is who, beside whoever owns the state.
 * @param partition of the hub `correlation`, which has one
 * @throws whatever storage throws, and where an entry is not what was written
 */
export async function keptIdentities(tables: Tables, partition = '0'): Promise<KeptIdentities> {
  const entries = await new Journal(tables, partition).entries();
  return {
    links: linkPagesOf(entries).flatMap(({ links }) => links),
    entities: (entries.get('observations') ?? []).flatMap((value) =>
      namingPage.parse(value).observations.flatMap((observation) => observation.entities),
    ),
  };
}
