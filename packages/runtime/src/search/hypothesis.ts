/** Hypotheses, and the back-pointers that they are read from. */

/** A translation of one sentence. */
export interface Hypothesis {
  /** Target token ids, without `</s>`. */
  readonly tokens: number[]
  /** Log probability normalised by length: what hypotheses are ranked by. */
  readonly score: number
  /** Natural logarithm, `</s>` included if the hypothesis is complete. */
  readonly logProbability: number
  /** Whether it ends with `</s>`; false if it stopped at the greatest length. */
  readonly complete: boolean
  /** For each token its attention over the source words and, last, `</s>`. Absent where none was asked for or given. */
  readonly attention?: Float32Array[]
}

/**
 * The tokens of all hypotheses of a batch, live, finished and dropped, as a tree: each node is a token and a pointer to the
 * node before it, so that hypotheses share their beginnings. A node is an index; -1 is the beginning of a sentence.
 */
export class BackPointers {
  #size = 0
  #tokens = new Int32Array(1024)
  #before = new Int32Array(1024)
  /** The row of the step that proposed the token: where its attention is found. */
  #rows = new Int32Array(1024)
  /** By step: [rows, sourceLength]. */
  readonly #attention: { weights: Float32Array; sourceLength: number }[] = []

  /** @param row of the step that proposed the token */
  add(token: number, before: number, row: number): number {
    if (this.#size === this.#tokens.length) this.#grow()
    const node = this.#size++
    this.#tokens[node] = token
    this.#before[node] = before
    this.#rows[node] = row
    return node
  }

  /** Stores a step's attention [rows, sourceLength]; called for every step or for none. */
  addAttention(weights: Float32Array, sourceLength: number): void {
    this.#attention.push({ weights: weights.slice(), sourceLength })
  }

  get hasAttention(): boolean {
    return this.#attention.length > 0
  }

  /** The tokens from the beginning of the sentence to a node. */
  tokens(node: number): number[] {
    return this.#path(node).map(at => this.#tokens[at])
  }

  /** For each token of {@link tokens} its attention over the first `positions` source positions. */
  attention(node: number, positions: number): Float32Array[] {
    const path = this.#path(node)
    // One array for all tokens: allocating a small one for each would cost more than the search.
    const copy = new Float32Array(path.length * positions)
    return path.map((at, step) => {
      const { weights, sourceLength } = this.#attention[step]
      const from = this.#rows[at] * sourceLength
      const to = step * positions
      for (let s = 0; s < positions; s++) copy[to + s] = weights[from + s]
      return copy.subarray(to, to + positions)
    })
  }

  #path(node: number): number[] {
    const path: number[] = []
    for (let at = node; at >= 0; at = this.#before[at]) path.push(at)
    return path.reverse()
  }

  #grow(): void {
    const larger = (old: Int32Array<ArrayBuffer>) => {
      const array = new Int32Array(2 * old.length)
      array.set(old)
      return array
    }
    this.#tokens = larger(this.#tokens)
    this.#before = larger(this.#before)
    this.#rows = larger(this.#rows)
  }
}
