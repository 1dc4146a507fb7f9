/** The hypotheses of a batch of sentences during beam search, in typed arrays. */
import { UserError } from '../errors.ts'
import type { StepOutput } from '../network/translation-network.ts'
import { BOS, EOS, PAD } from '../text/vocabulary.ts'
import { BackPointers, type Hypothesis } from './hypothesis.ts'
import { bestReachable, type LengthScore } from './scoring.ts'
import { TopK } from './top-k.ts'

/** The rows of a step: see `StepInput`. */
export interface StepRows {
  readonly tokens: Int32Array
  readonly parents: Int32Array
  readonly width: number
}

export interface BeamsOptions {
  readonly beam: number
  readonly nbest: number
  readonly score: LengthScore
  /** For each sentence its number of words. */
  readonly sourceLengths: Int32Array
  /** For each sentence the greatest number of tokens of a hypothesis. */
  readonly maxLengths: Int32Array
}

/** What a step proposes: `count` candidates for each row; the id of candidate i is `ids[i * stride]`. */
interface Candidates {
  readonly ids: Int32Array
  readonly stride: number
  readonly logProbabilities: Float32Array
  readonly count: number
}

/**
 * The state of a beam search. Sentences are numbered as they were encoded, also after others have left the batch; those
 * still in it are `present`.
 */
export class Beams {
  /** The number of tokens of every live hypothesis. */
  #length = 0
  readonly #backPointers = new BackPointers()
  readonly #topK: TopK
  /** [sentences]: how many hypotheses are live; 0 once the sentence is over. */
  readonly #live: Int32Array
  /** [sentences, beam], the most probable first: last node, last token, row of the last step, log probability. */
  readonly #nodes: Int32Array
  readonly #tokens: Int32Array
  readonly #rows: Int32Array
  readonly #logProbabilities: Float64Array
  /** [beam]: scratch for a sentence's next nodes, while the current ones are still read. */
  readonly #nextNodes: Int32Array
  /** [sentences]: results so far; the complete ones come first. */
  readonly #results: Int32Array
  readonly #complete: Int32Array
  /** [sentences, nbest], the best score first. */
  readonly #resultNodes: Int32Array
  readonly #resultScores: Float64Array
  readonly #resultLogProbabilities: Float64Array

  constructor(readonly options: BeamsOptions) {
    const { beam, nbest } = options
    const sentences = options.sourceLengths.length
    // At most `beam` candidates are `</s>`, one of each live hypothesis, so at least `beam` others are among these.
    this.#topK = new TopK(2 * beam)
    this.#live = new Int32Array(sentences).fill(1)
    this.#nodes = new Int32Array(sentences * beam).fill(-1)
    this.#tokens = new Int32Array(sentences * beam).fill(BOS)
    this.#rows = new Int32Array(sentences * beam)
    for (let s = 0; s < sentences; s++) this.#rows[s * beam] = s
    this.#logProbabilities = new Float64Array(sentences * beam)
    this.#nextNodes = new Int32Array(beam)
    this.#results = new Int32Array(sentences)
    this.#complete = new Int32Array(sentences)
    this.#resultNodes = new Int32Array(sentences * nbest)
    this.#resultScores = new Float64Array(sentences * nbest)
    this.#resultLogProbabilities = new Float64Array(sentences * nbest)
  }

  /** The indices in `present` of the sentences that are not over. */
  open(present: Int32Array): Int32Array<ArrayBuffer> {
    const places = new Int32Array(present.length)
    let open = 0
    for (let i = 0; i < present.length; i++) if (this.#live[present[i]] > 0) places[open++] = i
    return places.slice(0, open)
  }

  /**
   * The input rows of the next step. Each sentence gets as many slots as the one with the most live hypotheses needs. An
   * unused slot repeats its sentence's first row; the output for it is ignored.
   */
  rows(present: Int32Array): StepRows {
    const { beam } = this.options
    let width = 1
    for (const sentence of present) width = Math.max(width, this.#live[sentence])
    const tokens = new Int32Array(present.length * width)
    const parents = new Int32Array(present.length * width)
    for (let i = 0; i < present.length; i++) {
      const base = present[i] * beam
      for (let slot = 0; slot < width; slot++) {
        const from = slot < this.#live[present[i]] ? base + slot : base
        tokens[i * width + slot] = this.#tokens[from]
        parents[i * width + slot] = this.#rows[from]
      }
    }
    return { tokens, parents, width }
  }

  /** Takes the output for the {@link rows} of the same sentences, `count` candidates for each row. */
  advance(present: Int32Array, output: StepOutput, width: number, count: number): void {
    const { attention, sourceLength } = output
    if (attention && sourceLength) this.#backPointers.addAttention(attention, sourceLength)
    const ids = lowWords(output.ids)
    const candidates = { ids, stride: ids.length / output.ids.length, logProbabilities: output.logProbabilities, count }
    for (let i = 0; i < present.length; i++) {
      const sentence = present[i]
      if (this.#live[sentence] === 0) this.#rows[sentence * this.options.beam] = i * width
      else this.#advanceOne(sentence, i * width, candidates)
    }
    this.#length++
  }

  /** The best hypotheses of a sentence that is over, at least one: complete ones first, each kind by score. */
  results(sentence: number): Hypothesis[] {
    const { nbest, sourceLengths } = this.options
    return Array.from({ length: this.#results[sentence] }, (_, i) => {
      const at = sentence * nbest + i
      const node = this.#resultNodes[at]
      return {
        tokens: this.#backPointers.tokens(node),
        score: this.#resultScores[at],
        logProbability: this.#resultLogProbabilities[at],
        complete: i < this.#complete[sentence],
        attention: this.#backPointers.hasAttention
          ? this.#backPointers.attention(node, sourceLengths[sentence] + 1)
          : undefined,
      }
    })
  }

  #advanceOne(sentence: number, firstRow: number, candidates: Candidates): void {
    const { beam, nbest, maxLengths } = this.options
    const isLast = this.#length === maxLengths[sentence]
    this.#rank(sentence, firstRow, candidates)
    this.#end(sentence)
    const canGoOn = !isLast && this.#hasSuccessor()
    if (!canGoOn && this.#results[sentence] < nbest) this.#takeUnfinished(sentence)
    // Greedy search takes the most probable token, also where that is the end.
    const greedyEnd = beam === 1 && this.#complete[sentence] === 1
    if (canGoOn && !greedyEnd) this.#goOn(sentence, firstRow)
    if (!canGoOn || greedyEnd || this.#isDecided(sentence)) this.#close(sentence, firstRow)
  }

  /** Ranks the successors of a sentence's live hypotheses. */
  #rank(sentence: number, firstRow: number, { ids, stride, logProbabilities, count }: Candidates): void {
    const top = this.#topK
    top.clear()
    for (let slot = 0; slot < this.#live[sentence]; slot++) {
      const before = this.#logProbabilities[sentence * this.options.beam + slot]
      const start = (firstRow + slot) * count
      for (let at = start; at < start + count; at++) {
        const logProbability = before + logProbabilities[at]
        if (Number.isNaN(logProbability))
          throw new UserError(
            'not-a-number',
            'the network returned a log probability that is not a number: its weights are too large',
          )
        // Candidates descend: none that follows in this row can be better.
        if (logProbability === -Infinity || !top.admits(logProbability)) break
        const token = ids[at * stride]
        if (token === PAD || token === BOS) continue
        top.add(logProbability, slot, token)
      }
    }
  }

  /** Hypotheses that end among the best `beam` candidates are complete. */
  #end(sentence: number): void {
    const { beam } = this.options
    const { size, tokens, slots, scores } = this.#topK
    const last = Math.min(size, beam)
    for (let rank = 0; rank < last; rank++)
      if (tokens[rank] === EOS)
        this.#addResult(sentence, this.#nodes[sentence * beam + slots[rank]], scores[rank], this.#length + 1, true)
  }

  #hasSuccessor(): boolean {
    const { size, tokens } = this.#topK
    for (let rank = 0; rank < size; rank++) if (tokens[rank] !== EOS) return true
    return false
  }

  /** Adds live hypotheses that can grow no further to the results, after the complete ones. */
  #takeUnfinished(sentence: number): void {
    const base = sentence * this.options.beam
    for (let slot = 0; slot < this.#live[sentence]; slot++) {
      const logProbability = this.#logProbabilities[base + slot]
      this.#addResult(sentence, this.#nodes[base + slot], logProbability, Math.max(1, this.#length), false)
    }
  }

  /** The best `beam` candidates that do not end become the live hypotheses. */
  #goOn(sentence: number, firstRow: number): void {
    const { beam } = this.options
    const { size, tokens, slots, scores } = this.#topK
    const base = sentence * beam
    let live = 0
    for (let rank = 0; rank < size && live < beam; rank++) {
      if (tokens[rank] === EOS) continue
      const row = firstRow + slots[rank]
      this.#nextNodes[live] = this.#backPointers.add(tokens[rank], this.#nodes[base + slots[rank]], row)
      this.#tokens[base + live] = tokens[rank]
      this.#rows[base + live] = row
      this.#logProbabilities[base + live] = scores[rank]
      live++
    }
    for (let slot = 0; slot < live; slot++) this.#nodes[base + slot] = this.#nextNodes[slot]
    this.#live[sentence] = live
  }

  /** Whether no live hypothesis can become better than the last of the n best. Exact: see {@link bestReachable}. */
  #isDecided(sentence: number): boolean {
    const { beam, nbest, score, maxLengths } = this.options
    if (this.#complete[sentence] < nbest) return false
    const best = this.#logProbabilities[sentence * beam]
    const reachable = bestReachable(score, best, this.#length + 2, maxLengths[sentence] + 1)
    return reachable <= this.#resultScores[sentence * nbest + nbest - 1]
  }

  #close(sentence: number, firstRow: number): void {
    this.#live[sentence] = 0
    this.#rows[sentence * this.options.beam] = firstRow
    this.#tokens[sentence * this.options.beam] = EOS
  }

  /** @param length predicted tokens */
  #addResult(sentence: number, node: number, logProbability: number, length: number, complete: boolean): void {
    const { nbest } = this.options
    const base = sentence * nbest
    const score = this.options.score(logProbability, length)
    const first = base + (complete ? 0 : this.#complete[sentence])
    let at = base + this.#results[sentence]
    if (at === base + nbest) {
      if (at === first || score <= this.#resultScores[--at]) return
    } else this.#results[sentence]++
    for (; at > first && this.#resultScores[at - 1] < score; at--) {
      this.#resultScores[at] = this.#resultScores[at - 1]
      this.#resultNodes[at] = this.#resultNodes[at - 1]
      this.#resultLogProbabilities[at] = this.#resultLogProbabilities[at - 1]
    }
    this.#resultScores[at] = score
    this.#resultNodes[at] = node
    this.#resultLogProbabilities[at] = logProbability
    if (complete) this.#complete[sentence] = Math.min(nbest, this.#complete[sentence] + 1)
  }
}

/** Ids as 32-bit integers without copying: of 64-bit ones (little-endian, as WebAssembly is) each second is the id. */
function lowWords(ids: Int32Array | BigInt64Array): Int32Array {
  return ids instanceof Int32Array ? ids : new Int32Array(ids.buffer, ids.byteOffset, 2 * ids.length)
}
