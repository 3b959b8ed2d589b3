/**
 * The sum of numbers that leave in the order in which they came. Nothing is ever subtracted: a huge number that has left leaves
 * no rounding error behind, nor does one that made the sum infinite.
 */
export class SlidingSum {
  /** Those that leave next, last first: each the sum of itself and of those that came after it up to the newest of these. */
  #leaving: number[] = [];
  #coming: number[] = [];
  #sumOfComing = 0;

  get sum(): number {
    return (this.#leaving.at(-1) ?? 0) + this.#sumOfComing;
  }

  push(number: number): void {
    this.#coming.push(number);
    this.#sumOfComing += number;
  }

  /** Lets the oldest go. */
  shift(): void {
    if (this.#leaving.length === 0) {
      let sum = 0;
      for (let number = this.#coming.pop(); number !== undefined; number = this.#coming.pop()) {
        sum += number;
        this.#leaving.push(sum);
      }
      this.#sumOfComing = 0;
    }
    this.#leaving.pop();
  }
}
