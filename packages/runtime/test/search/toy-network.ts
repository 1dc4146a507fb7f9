/** A network that is a table, the searches one would write first, and a watch on how it is used. */
import { type DecoderBatch, EOS, type LengthNormalization, type TranslationNetwork } from '../../src/index.ts'

const VOCABULARY = 7
/** Tokens a translation may hold: `<unk>` and three words. */
const WORDS = [1, 4, 5, 6]

/** log p(next | source, prefix), from a hash: any prefix has its own distribution; some words are impossible. */
export function distribution(seed: number, source: readonly number[], prefix: readonly number[]): number[] {
  const scores = Array.from({ length: VOCABULARY }, (_, token) => {
    let h = seed | 0
    for (const n of [...source, -1, ...prefix, -2, token]) h = Math.imul(h ^ (n + 17), 0x9e3779b1) ^ (h >>> 15)
    return token !== EOS && (h >>> 4) % 13 === 0 ? -Infinity : ((h >>> 8) % 1000) / 200
  })
  const total = Math.log(scores.reduce((sum, s) => sum + Math.exp(s), 0))
  return scores.map(s => Math.fround(s - total))
}

/** The attention [words and `</s>`] of what follows a prefix: all of it on one word. */
export function toyAttention(source: readonly number[], prefix: readonly number[]): number[] {
  return [...source, EOS].map((_, s) => (s === (prefix.length + (prefix.at(-1) ?? 0)) % source.length ? 1 : 0))
}

interface Row {
  readonly sentence: number
  /** With `<s>`. */
  readonly prefix: readonly number[]
}

export interface ToyOptions {
  /** Ids as ONNX Runtime gives them. */
  readonly wideIds?: boolean
  /** Replaces {@link distribution}. */
  readonly table?: (source: readonly number[], prefix: readonly number[]) => number[]
}

/** Its state is the prefix itself, so that a row that continues the wrong state gives itself away. */
export class ToyNetwork implements TranslationNetwork {
  readonly targetVocabularySize = VOCABULARY
  /** What was called, in order: sentences encoded, rows stepped, sentences kept, disposal. */
  readonly calls: string[] = []

  constructor(
    readonly seed: number,
    readonly options: ToyOptions = {},
  ) {}

  async encode(sources: readonly (readonly number[])[]): Promise<DecoderBatch> {
    this.calls.push(`encode ${sources.length}`)
    if (sources.some(s => s.length === 0)) throw new Error('a sentence without words')
    return new ToyBatch(this, sources)
  }

  next(source: readonly number[], prefix: readonly number[]): number[] {
    return this.options.table?.(source, prefix) ?? distribution(this.seed, source, prefix)
  }
}

class ToyBatch implements DecoderBatch {
  #present: number[]
  #rows: Row[]
  #disposed = false
  /** Its answers, overwritten with nonsense by the next step: a search may not keep them. */
  #ids: Int32Array | BigInt64Array = new Int32Array()
  #logProbabilities = new Float32Array()
  #attention = new Float32Array()

  constructor(
    readonly network: ToyNetwork,
    readonly sources: readonly (readonly number[])[],
  ) {
    this.#present = sources.map((_, i) => i)
    this.#rows = this.#present.map(sentence => ({ sentence, prefix: [] }))
  }

  async step({ tokens, parents, width, count, attention }: Parameters<DecoderBatch['step']>[0]) {
    this.#use(`step ${tokens.length}`)
    if (tokens.length !== this.#present.length * width || parents.length !== tokens.length)
      throw new Error('not in rows')
    this.#rows = Array.from(tokens, (token, r) => {
      const parent = this.#rows[parents[r]]
      if (parent?.sentence !== this.#present[Math.floor(r / width)]) throw new Error('a row of another sentence')
      return { sentence: parent.sentence, prefix: [...parent.prefix, token] }
    })
    this.#spoil()
    const best = this.#rows.flatMap(row => this.#best(row).slice(0, count))
    const ids = best.map(([id]) => id)
    this.#ids = this.network.options.wideIds ? BigInt64Array.from(ids, BigInt) : Int32Array.from(ids)
    this.#logProbabilities = Float32Array.from(best, ([, p]) => p)
    const sourceLength = Math.max(...this.sources.map(s => s.length)) + 1
    this.#attention = Float32Array.from(this.#rows.flatMap(row => this.#attend(row, sourceLength)))
    return {
      ids: this.#ids,
      logProbabilities: this.#logProbabilities,
      attention: attention ? this.#attention : undefined,
      sourceLength,
    }
  }

  async keep(kept: Int32Array) {
    this.#use(`keep ${kept.length}`)
    if (kept.some((s, i) => s >= this.#present.length || (i > 0 && s <= kept[i - 1]))) throw new Error('not ascending')
    this.#present = Array.from(kept, i => this.#present[i])
  }

  dispose() {
    this.#use('dispose')
    this.#disposed = true
  }

  #use(call: string) {
    if (this.#disposed) throw new Error('used after its end')
    this.network.calls.push(call)
  }

  #best({ sentence, prefix }: Row): [id: number, logProbability: number][] {
    const p = this.network.next(this.sources[sentence], prefix.slice(1))
    return p.map((logProbability, id): [number, number] => [id, logProbability]).sort((a, b) => b[1] - a[1] || 0)
  }

  #attend({ sentence, prefix }: Row, sourceLength: number): number[] {
    const weights = toyAttention(this.sources[sentence], prefix.slice(1))
    return Array.from({ length: sourceLength }, (_, s) => weights[s] ?? 0)
  }

  #spoil() {
    if (this.#ids instanceof Int32Array) this.#ids.fill(-9)
    else this.#ids.fill(-9n)
    this.#logProbabilities.fill(9)
    this.#attention.fill(9)
  }
}

export interface Found {
  readonly tokens: readonly number[]
  readonly score: number
}

/** The formulas of the normalisations, written down once more. */
export function normalized(s: number, n: number, by: LengthNormalization): number {
  if (by.kind === 'none') return s
  return by.kind === 'average' ? s / n : s / ((5 + n) / 6) ** by.alpha
}

const byScore = (a: Found, b: Found) => b.score - a.score

/** Every translation of at most `maxLength` tokens, the best first. */
export function exhaustiveSearch(seed: number, source: readonly number[], maxLength: number, by: LengthNormalization) {
  const found: Found[] = []
  const visit = (prefix: number[], s: number) => {
    const p = distribution(seed, source, prefix)
    found.push({ tokens: prefix, score: normalized(s + p[EOS], prefix.length + 1, by) })
    if (prefix.length === maxLength) return
    for (const word of WORDS) if (p[word] > -Infinity) visit([...prefix, word], s + p[word])
  }
  visit([], 0)
  return found.sort(byScore)
}

/** Beam search with nothing clever: no early end, no sharing, no batches. Complete translations, the best first. */
export function plainBeamSearch(
  seed: number,
  source: readonly number[],
  beam: number,
  maxLength: number,
  by: LengthNormalization,
): Found[] {
  const found: Found[] = []
  let live: { tokens: number[]; s: number }[] = [{ tokens: [], s: 0 }]
  for (let length = 0; length <= maxLength; length++) {
    const candidates = live.flatMap(({ tokens, s }) => {
      const p = distribution(seed, source, tokens)
      const possible = [EOS, ...WORDS].filter(token => p[token] > -Infinity)
      return possible.map(token => ({ tokens, token, s: s + p[token] }))
    })
    candidates.sort((a, b) => b.s - a.s)
    for (const { tokens, s } of candidates.slice(0, beam).filter(c => c.token === EOS))
      found.push({ tokens, score: normalized(s, length + 1, by) })
    const open = candidates.filter(c => c.token !== EOS).slice(0, beam)
    live = open.map(({ tokens, token, s }) => ({ tokens: [...tokens, token], s }))
  }
  return found.sort(byScore)
}
