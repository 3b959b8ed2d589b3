import { MAX_ENTITIES, type Entity } from '../../timeline/entity.ts';

/** The entities of one event: no key twice, the first mention kept, no more than an event may name. */
export class EntityList {
  readonly entities: Entity[] = [];

  add(entity: Entity | undefined): void {
    const { entities } = this;
    if (entity === undefined || entities.length >= MAX_ENTITIES) return;
    for (const known of entities) if (known.key === entity.key) return;
    entities.push(entity);
  }

  get full(): boolean {
    return this.entities.length >= MAX_ENTITIES;
  }
}
