/** What the emulator is to do wrong, so that tests see how clients bear it. */
export interface Faults {
  /** Refuse this many of the next sends with `com.microsoft:server-busy`. */
  readonly refuseSends?: number;
  /** Take this many of the next sends, and drop the connection instead of saying so: the client will send again. */
  readonly dropAfterSends?: number;
  /** Say only this many milliseconds later that a send was taken. */
  readonly delayDispositions?: number;
}

/** The faults still to come. */
export class FaultPlan {
  #refuse = 0;
  #drop = 0;
  #delay = 0;

  /** Takes further faults on; what is not named stays as it is. */
  add({ refuseSends, dropAfterSends, delayDispositions }: Faults): void {
    this.#refuse = refuseSends ?? this.#refuse;
    this.#drop = dropAfterSends ?? this.#drop;
    this.#delay = delayDispositions ?? this.#delay;
  }

  /** True where the next send is to be refused. */
  refusesSend(): boolean {
    return this.#refuse > 0 && this.#refuse-- > 0;
  }

  /** True where the connection is to drop after the send just taken. */
  dropsAfterSend(): boolean {
    return this.#drop > 0 && this.#drop-- > 0;
  }

  /** Milliseconds. */
  get delay(): number {
    return this.#delay;
  }
}
