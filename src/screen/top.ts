// The best K of any number of rows, in bounded memory. Of rows that are equally good, those that come first stay.

export interface Best<Row> {
  readonly value: number
  readonly row: Row
}

export class Top<Row> {
  readonly #most: number
  readonly #sign: number
  readonly #best: Best<Row>[] = []

  /** @param isHighest whether the highest values are the best */
  constructor(most: number, isHighest: boolean) {
    this.#most = most
    this.#sign = isHighest ? -1 : 1
  }

  /** @param row made only where it is among the best so far */
  add(value: number, row: () => Row): void {
    const worst = this.#best.at(-1)
    if (this.#best.length === this.#most && (worst === undefined || this.#sign * (value - worst.value) >= 0))
      return
    let [low, high] = [0, this.#best.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sign * (this.#best[middle].value - value) <= 0) low = middle + 1
      else high = middle
    }
    this.#best.splice(low, 0, { value, row: row() })
    if (this.#best.length > this.#most) this.#best.pop()
  }

  /** The best first. */
  get best(): readonly Best<Row>[] {
    return this.#best
  }
}
