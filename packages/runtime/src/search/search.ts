/** Beam search, batched over sentences and hypotheses. Beam 1 is greedy search. */
import { BOS, EOS, PAD } from '../text/vocabulary.ts'
import type { StepOutput, TranslationNetwork } from './network.ts'

/**
 * What hypotheses of different lengths are compared by, for log probability s and length n (`</s>` included):
 * none: s; average: s / n; gnmt: s / ((5 + n) / 6)^alpha (Wu et al. 2016, equation 14).
 */
export type LengthNormalization = { kind: 'none' } | { kind: 'average' } | { kind: 'gnmt'; alpha: number }

export interface SearchOptions {
  /** Hypotheses kept for each sentence. */
  readonly beam: number
  /** Translations wanted of each sentence, at most `beam`. */
  readonly nbest?: number
  readonly normalization?: LengthNormalization
  /** Longest translation in tokens, for a source of so many; default {@link defaultMaxLength}. */
  readonly maxLength?: (sourceLength: number) => number
  readonly attention?: boolean
}

export interface Hypothesis {
  /** Without `</s>`. */
  readonly tokens: number[]
  /** Normalised by length: what hypotheses are ranked by. */
  readonly score: number
  readonly logProbability: number
  /** For each token its attention over the source words and `</s>`; empty where none was asked for. */
  readonly attention: Float32Array[]
}

/** Twice the source and ten more: real translations are shorter. */
export const defaultMaxLength = (sourceLength: number) => 2 * sourceLength + 10

function normalizer(normalization: LengthNormalization): (logProbability: number, length: number) => number {
  switch (normalization.kind) {
    case 'none':
      return s => s
    case 'average':
      return (s, n) => s / n
    case 'gnmt':
      return (s, n) => s / ((5 + n) / 6) ** normalization.alpha
    default:
      return normalization satisfies never
  }
}

/** A token of a hypothesis, and the one before it: hypotheses share their beginnings. */
interface Link {
  readonly token: number
  readonly before: Link | undefined
  readonly attention: Float32Array | undefined
}

/** The search of one sentence. */
class Beam {
  /** Live hypotheses: where they end, their log probability, and the row their last step was in. */
  links: (Link | undefined)[] = [undefined]
  scores: number[] = [0]
  readonly finished: { link: Link | undefined; score: number; logProbability: number }[] = []
  length = 0

  constructor(
    readonly sourceLength: number,
    readonly maxLength: number,
    readonly width: number,
    readonly nbest: number,
    readonly normalize: (logProbability: number, length: number) => number,
  ) {}

  /**
   * Whether nothing that is still open can come among the n best. A log probability only falls, so a live hypothesis
   * can at best keep the one it has, at the length that is kindest to it.
   */
  get done(): boolean {
    if (this.links.length === 0) return true
    if (this.finished.length < this.nbest) return false
    // Greedy search takes the best token, also where that is the end.
    if (this.width === 1) return true
    const worst = this.finished[this.nbest - 1].score
    const best = Math.max(...this.scores)
    const bound = Math.max(this.normalize(best, this.length + 1), this.normalize(best, this.maxLength + 1))
    return bound <= worst
  }

  /** Takes the candidates of its rows; fills `parents` and `tokens` of the next step. */
  advance(output: StepOutput, firstRow: number, count: number): { rows: number[]; tokens: number[] } {
    const choices: { slot: number; token: number; score: number }[] = []
    this.links.forEach((_, slot) => {
      const row = firstRow + slot
      for (let k = 0; k < count; k++) {
        const token = Number(output.ids[row * count + k])
        const score = this.scores[slot] + output.logProbabilities[row * count + k]
        if (token === PAD || token === BOS || !Number.isFinite(score)) continue
        choices.push({ slot, token, score })
      }
    })
    choices.sort((a, b) => b.score - a.score)
    const next = { rows: [] as number[], tokens: [] as number[] }
    const links: (Link | undefined)[] = []
    const scores: number[] = []
    this.length++
    // A hypothesis that ends among the best `width` is finished; the next ones take its place among the live.
    let ranked = 0
    for (const { slot, token, score } of choices) {
      if (links.length === this.width) break
      const link = { token, before: this.links[slot], attention: this.#attention(output, firstRow + slot) }
      if (token === EOS) {
        if (ranked < this.width) this.#finish(this.links[slot], score, this.length)
      } else {
        links.push(link)
        scores.push(score)
        next.rows.push(firstRow + slot)
        next.tokens.push(token)
      }
      ranked++
    }
    this.links = links
    this.scores = scores
    if (this.length >= this.maxLength) this.#cut()
    return next
  }

  #attention(output: StepOutput, row: number): Float32Array | undefined {
    const { attention, sourceLength = 0 } = output
    return attention?.slice(row * sourceLength, row * sourceLength + this.sourceLength + 1)
  }

  #finish(link: Link | undefined, logProbability: number, length: number): void {
    this.finished.push({ link, logProbability, score: this.normalize(logProbability, length) })
    this.finished.sort((a, b) => b.score - a.score)
    this.finished.length = Math.min(this.finished.length, this.width)
  }

  /** At the greatest length what is live counts as finished, as it is, if too little came to an end by itself. */
  #cut(): void {
    const open = this.links.map((link, i) => ({ link, score: this.scores[i] }))
    if (this.finished.length < this.nbest)
      for (const { link, score } of open) this.#finish(link, score, this.length + 1)
    this.links = []
    this.scores = []
  }

  results(): Hypothesis[] {
    return this.finished.slice(0, this.nbest).map(({ link, score, logProbability }) => {
      const tokens: number[] = []
      const attention: Float32Array[] = []
      for (let at = link; at; at = at.before) {
        tokens.push(at.token)
        if (at.attention) attention.push(at.attention)
      }
      return { tokens: tokens.reverse(), score, logProbability, attention: attention.reverse() }
    })
  }
}

/**
 * The best translations of each sentence, in order of score.
 * Sentences that are done leave the batch. A slot that a sentence has no live hypothesis for repeats its first one;
 * its candidates are not looked at.
 * @param sources token ids, without `</s>`
 */
export async function translateTokens(
  network: TranslationNetwork,
  sources: readonly (readonly number[])[],
  options: SearchOptions,
): Promise<Hypothesis[][]> {
  const { beam, nbest = 1, maxLength = defaultMaxLength, attention = false } = options
  const normalize = normalizer(options.normalization ?? { kind: 'average' })
  const width = Math.max(1, beam)
  const beams = sources.map(s => new Beam(s.length, maxLength(s.length), width, Math.min(nbest, width), normalize))
  if (sources.length === 0) return []
  const batch = await network.encode(sources)
  // Of 2 × beam candidates at most half end a hypothesis; two more make up for padding and <s>.
  const count = Math.min(network.targetVocabularySize, 2 * width + 2)
  let open = beams
  let slots = 1
  let tokens = new Int32Array(open.length).fill(BOS)
  let parents = Int32Array.from(open, (_, i) => i)
  while (open.length > 0) {
    const output = await batch.step({ tokens, parents, width: slots, count, attention })
    const advanced = open.map((search, i) => search.advance(output, i * slots, count))
    const staying = open.flatMap((search, i) => (search.done ? [] : [i]))
    if (staying.length < open.length) batch.keep(Int32Array.from(staying))
    tokens = new Int32Array(staying.length * width).fill(EOS)
    parents = new Int32Array(staying.length * width)
    staying.forEach((from, to) => {
      const { rows, tokens: given } = advanced[from]
      for (let slot = 0; slot < width; slot++) {
        parents[to * width + slot] = rows[slot] ?? rows[0]
        tokens[to * width + slot] = given[slot] ?? given[0]
      }
    })
    open = staying.map(i => open[i])
    slots = width
  }
  return beams.map(search => search.results())
}
