/** Levenshtein distance within a beam around the diagonal, as Tercom computes it. */

const BEAM = 25
const INFINITE = 1e9

/** How one step of the best path goes. Insertions and deletions are of the hypothesis: an insertion is a word too many. */
type Step = 'match' | 'substitution' | 'insertion' | 'deletion'
const CODES: readonly Step[] = ['match', 'substitution', 'insertion', 'deletion']
const [MATCH, SUBSTITUTION, INSERTION, DELETION] = [0, 1, 2, 3]

/** Distances to one reference. Rows of the last base are kept: what starts as the base does starts from them. */
export class EditDistance {
  #costs: Int32Array[] = []
  #steps: Uint8Array[] = []

  constructor(readonly reference: readonly string[]) {
    this.#row(0)
    for (let j = 0; j <= reference.length; j++) {
      this.#costs[0][j] = j
      this.#steps[0][j] = DELETION
    }
  }

  #row(i: number): void {
    this.#costs[i] ??= new Int32Array(this.reference.length + 1)
    this.#steps[i] ??= new Uint8Array(this.reference.length + 1)
  }

  /** The distance of a hypothesis and its path; its rows become the base of {@link cost}. */
  rebase(words: readonly string[]): { cost: number; trace: Step[] } {
    for (let i = 1; i <= words.length; i++) {
      this.#row(i)
      fillRow(words, this.reference, i, this.#costs[i - 1], this.#costs[i], this.#steps[i])
    }
    const trace: Step[] = []
    for (let i = words.length, j = this.reference.length; i > 0 || j > 0; ) {
      const step = this.#steps[i][j]
      trace.push(CODES[step])
      if (step !== DELETION) i--
      if (step !== INSERTION) j--
    }
    return { cost: this.#costs[words.length][this.reference.length], trace: trace.reverse() }
  }

  /** The distance of a hypothesis of the base's length that shares its first `shared` words. */
  cost(words: readonly string[], shared: number): number {
    let above = this.#costs[shared]
    let [row, spare] = [new Int32Array(this.reference.length + 1), new Int32Array(this.reference.length + 1)]
    for (let i = shared + 1; i <= words.length; i++) {
      fillRow(words, this.reference, i, above, row)
      above = row
      ;[row, spare] = [spare, row]
    }
    return above[this.reference.length]
  }
}

/** One row of the table; of equal costs a match or substitution is preferred, then an insertion, then a deletion. */
function fillRow(
  words: readonly string[],
  reference: readonly string[],
  i: number,
  above: Int32Array,
  row: Int32Array,
  steps?: Uint8Array,
): void {
  const ratio = reference.length / words.length
  const beam = BEAM < ratio / 2 ? Math.ceil(ratio / 2 + BEAM) : BEAM
  const diagonal = Math.floor(i * ratio)
  const from = Math.max(0, diagonal - beam)
  const to = i === words.length ? reference.length + 1 : Math.min(reference.length + 1, diagonal + beam)
  row.fill(INFINITE)
  for (let j = from; j < to; j++) {
    let best = above[j] + 1
    let step = INSERTION
    if (j > 0) {
      const same = words[i - 1] === reference[j - 1]
      const diagonalCost = above[j - 1] + (same ? 0 : 1)
      if (diagonalCost <= best) {
        best = diagonalCost
        step = same ? MATCH : SUBSTITUTION
      }
      if (row[j - 1] + 1 < best) {
        best = row[j - 1] + 1
        step = DELETION
      }
    }
    row[j] = best
    if (steps) steps[j] = step
  }
}

/** What a path says of single words. */
export interface Alignment {
  /** For each reference word the hypothesis word it meets, or the last one before it (-1: none). */
  readonly toHypothesis: number[]
  /** 1 where a word is part of an error. */
  readonly hypothesisErrors: number[]
  readonly referenceErrors: number[]
}

export function align(trace: readonly Step[]): Alignment {
  const [toHypothesis, hypothesisErrors, referenceErrors]: number[][] = [[], [], []]
  let position = -1
  for (const step of trace) {
    const error = step === 'match' ? 0 : 1
    if (step !== 'deletion') {
      position++
      hypothesisErrors.push(error)
    }
    if (step !== 'insertion') {
      toHypothesis.push(position)
      referenceErrors.push(error)
    }
  }
  return { toHypothesis, hypothesisErrors, referenceErrors }
}
