/**
 * Byte-pair encoding of words (Sennrich, Haddow & Birch 2016). A word is spelt in characters, the last one marked with
 * `</w>`; the most frequent pair of neighbouring symbols is merged, again and again. Applied, every piece of a word but
 * its last ends in `@@`, so that joining undoes it.
 */

const END = '</w>'
const CONTINUED = '@@'
const LONGEST_WORD = 256
const CACHED_WORDS = 200_000

/** The merges of a trained encoding, ranked, with a cache of words already encoded. */
export class BpeCodes {
  readonly ranks = new Map<string, number>()
  readonly cache = new Map<string, readonly string[]>()

  /** @param merges in the order they were learnt, `left right` */
  constructor(readonly merges: readonly string[]) {
    merges.forEach((merge, rank) => {
      // Of a merge that is there twice, the first counts, as in subword-nmt.
      if (!this.ranks.has(merge)) this.ranks.set(merge, rank)
    })
  }
}

function spell(word: string): string[] {
  const symbols = Array.from(word)
  if (symbols.length > 0) symbols[symbols.length - 1] += END
  return symbols
}

/** A word's pieces. Words seen before come from a cache, which is emptied when it has grown large. */
export function applyBpe(word: string, codes: BpeCodes): readonly string[] {
  const known = codes.cache.get(word)
  if (known) return known
  const spelt = spell(word)
  // Words longer than any real one are left as they are spelt: merging takes quadratic time.
  let pieces = toPieces(spelt.length <= LONGEST_WORD ? mergeByRank(spelt, codes) : spelt)
  // A last piece that looks continued could not be undone; a single character never does.
  if (pieces.at(-1)?.endsWith(CONTINUED)) pieces = toPieces(spelt)
  if (codes.cache.size >= CACHED_WORDS) codes.cache.clear()
  codes.cache.set(word, pieces)
  return pieces
}

function toPieces(symbols: readonly string[]): string[] {
  return symbols.map((symbol, i) => (i === symbols.length - 1 ? symbol.slice(0, -END.length) : symbol + CONTINUED))
}

function mergeByRank(spelt: string[], codes: BpeCodes): string[] {
  let symbols = spelt
  while (symbols.length > 1) {
    let best = Number.POSITIVE_INFINITY
    let pair = ''
    for (let i = 0; i + 1 < symbols.length; i++) {
      const candidate = `${symbols[i]} ${symbols[i + 1]}`
      const rank = codes.ranks.get(candidate)
      if (rank !== undefined && rank < best) [best, pair] = [rank, candidate]
    }
    if (pair === '') break
    symbols = mergePair(symbols, pair)
  }
  return symbols
}

function mergePair(symbols: readonly string[], pair: string): string[] {
  const merged: string[] = []
  for (let i = 0; i < symbols.length; i++) {
    if (i + 1 < symbols.length && `${symbols[i]} ${symbols[i + 1]}` === pair) {
      merged.push(symbols[i] + symbols[i + 1])
      i++
    } else merged.push(symbols[i])
  }
  return merged
}

/** Joins the pieces of words: undoes {@link applyBpe}. */
export function joinBpe(pieces: readonly string[]): string[] {
  const words: string[] = []
  let open = ''
  for (const piece of pieces) {
    if (piece.endsWith(CONTINUED)) open += piece.slice(0, -CONTINUED.length)
    else {
      words.push(open + piece)
      open = ''
    }
  }
  if (open !== '') words.push(open)
  return words
}

interface Word {
  symbols: string[]
  readonly count: number
}

/**
 * Learns merges from counted words, as {@link learnMerges} does.
 * @param count how many merges; fewer where no pair is left that occurs twice
 */
export function learnBpe(words: ReadonlyMap<string, number>, count: number): string[] {
  const merges: string[] = []
  const learnt = learnMerges(words)
  while (merges.length < count) {
    const { value } = learnt.next()
    if (value === undefined) break
    merges.push(value)
  }
  return merges
}

/**
 * Learns merges from counted words, one after the other, until no pair is left that occurs twice. Pair counts are kept up to date and queued by count, so a merge costs what the
 * words that hold it cost. Ties go to the pair that sorts last by code points, as in subword-nmt (Sennrich's own program),
 * so that the result depends on the counts alone and is the same there.
 */
export function* learnMerges(words: ReadonlyMap<string, number>): Generator<string, undefined, undefined> {
  const entries: Word[] = [...words].map(([word, n]) => ({ symbols: spell(word), count: n }))
  const pairs = new PairCounts(hasSurrogates(words.keys()))
  entries.forEach((word, i) => {
    pairs.add(word, i, 1)
  })
  pairs.queueChanged()
  for (let best = pairs.takeBest(); best !== undefined; best = pairs.takeBest()) {
    yield best
    for (const i of pairs.wordsWith(best)) {
      pairs.add(entries[i], i, -1)
      entries[i].symbols = mergePair(entries[i].symbols, best)
      pairs.add(entries[i], i, 1)
    }
    pairs.queueChanged()
  }
  return undefined
}

interface Candidate {
  readonly pair: string
  readonly count: number
}

/** How often each pair occurs, in which words, and which is most frequent. */
class PairCounts {
  readonly #counts = new Map<string, number>()
  readonly #words = new Map<string, Set<number>>()
  readonly #changed = new Set<string>()
  /** Every pair with its count, and with counts it had before, which are passed over when they surface. */
  readonly #queue: CandidateHeap

  constructor(byCodePoints: boolean) {
    this.#queue = new CandidateHeap(byCodePoints)
  }

  add({ symbols, count }: Word, index: number, sign: 1 | -1): void {
    for (let i = 0; i + 1 < symbols.length; i++) {
      const pair = `${symbols[i]} ${symbols[i + 1]}`
      const next = (this.#counts.get(pair) ?? 0) + sign * count
      if (next > 0) this.#counts.set(pair, next)
      else this.#counts.delete(pair)
      this.#changed.add(pair)
      if (sign < 0) continue
      const places = this.#words.get(pair)
      if (places) places.add(index)
      else this.#words.set(pair, new Set([index]))
    }
  }

  /** Queues what {@link add} changed since the last call. */
  queueChanged(): void {
    for (const pair of this.#changed) {
      const count = this.#counts.get(pair) ?? 0
      if (count > 1) this.#queue.push({ pair, count })
      if (count === 0) this.#words.delete(pair)
    }
    this.#changed.clear()
  }

  /** The words that may hold a pair, as they are now. */
  wordsWith(pair: string): number[] {
    return [...(this.#words.get(pair) ?? [])]
  }

  takeBest(): string | undefined {
    for (let top = this.#queue.pop(); top; top = this.#queue.pop())
      if (this.#counts.get(top.pair) === top.count) return top.pair
    return undefined
  }
}

/** A binary heap: the highest count first; of equal counts, the pair that sorts last. */
class CandidateHeap {
  readonly #items: Candidate[] = []

  /** @param byCodePoints whether pairs have surrogates, so that their code units sort differently */
  constructor(readonly byCodePoints: boolean) {}

  push(item: Candidate): void {
    const items = this.#items
    let i = items.length
    items.push(item)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!this.#goesBefore(item, items[parent])) break
      items[i] = items[parent]
      i = parent
    }
    items[i] = item
  }

  pop(): Candidate | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#goesBefore(items[child + 1], items[child])) child++
      if (!this.#goesBefore(items[child], last)) break
      items[i] = items[child]
      i = child
    }
    items[i] = last
    return top
  }

  #goesBefore(a: Candidate, b: Candidate): boolean {
    if (a.count !== b.count) return a.count > b.count
    return this.byCodePoints ? sortsAfterByCodePoints(a.pair, b.pair) : a.pair > b.pair
  }
}

function hasSurrogates(words: Iterable<string>): boolean {
  for (const word of words) if (/[\ud800-\udfff]/.test(word)) return true
  return false
}

function sortsAfterByCodePoints(a: string, b: string): boolean {
  let i = 0
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === a.length || i === b.length) return a.length > b.length
  // Surrogates go after all other units: they spell the highest code points.
  const rank = (unit: number) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)
  return rank(a.charCodeAt(i)) > rank(b.charCodeAt(i))
}
