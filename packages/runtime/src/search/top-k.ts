/** A bounded list of the best candidates, in typed arrays: nothing is allocated per candidate. */

/** Candidates of one sentence at one step, highest score first; of equal ones, the one that came first. */
export class TopK {
  size = 0
  readonly scores: Float64Array
  /** The live hypothesis each candidate continues. */
  readonly slots: Int32Array
  readonly tokens: Int32Array

  constructor(readonly capacity: number) {
    this.scores = new Float64Array(capacity)
    this.slots = new Int32Array(capacity)
    this.tokens = new Int32Array(capacity)
  }

  clear(): void {
    this.size = 0
  }

  /** Whether a candidate of this score would be taken. */
  admits(score: number): boolean {
    return this.size < this.capacity || score > this.scores[this.size - 1]
  }

  /** Takes a candidate that it {@link admits}; if full, the last one goes. */
  add(score: number, slot: number, token: number): void {
    const { scores, slots, tokens } = this
    let at = this.size < this.capacity ? this.size++ : this.size - 1
    for (; at > 0 && scores[at - 1] < score; at--) {
      scores[at] = scores[at - 1]
      slots[at] = slots[at - 1]
      tokens[at] = tokens[at - 1]
    }
    scores[at] = score
    slots[at] = slot
    tokens[at] = token
  }
}
