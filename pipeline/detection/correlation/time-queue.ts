interface Entry<T> {
  readonly time: number;
  readonly of: T;
}

/** Things by time, of which the earliest go first (a binary heap). */
export class TimeQueue<T> {
  readonly #heap: Entry<T>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  add(time: number, of: T): void {
    const heap = this.#heap;
    let at = heap.length;
    const entry = { time, of };
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.time <= time) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  /** Takes out all whose time is no later, in order of time. */
  takeUntil(time: number): Entry<T>[] {
    const taken: Entry<T>[] = [];
    for (let [first] = this.#heap; first !== undefined && first.time <= time; [first] = this.#heap) {
      taken.push(first);
      this.#dropFirst();
    }
    return taken;
  }

  #dropFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left !== undefined && right !== undefined && right.time < left.time) below += 1;
      const least = heap[below];
      if (least === undefined || least.time >= last.time) break;
      heap[at] = least;
      at = below;
    }
    heap[at] = last;
  }
}
