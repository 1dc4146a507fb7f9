/**
 * Byte-pair encoding of words (Sennrich, Haddow & Birch 2016). A word is spelt in characters, the last one marked with
 * `</w>`; the most frequent pair of neighbouring symbols is merged, again and again. Applied, every piece of a word but
 * its last ends in `@@`, so that joining undoes it.
 */

const END = '</w>'
const CONTINUED = '@@'

/** The merges of a trained encoding, ranked, with a cache of words already encoded. */
export class BpeCodes {
  readonly ranks = new Map<string, number>()
  readonly cache = new Map<string, readonly string[]>()

  /** @param merges in the order they were learnt, `left right` */
  constructor(readonly merges: readonly string[]) {
    merges.forEach((merge, rank) => {
      this.ranks.set(merge, rank)
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
  let symbols = spell(word)
  // Words longer than any real one are left as they are spelt: merging takes quadratic time.
  if (symbols.length <= 256) symbols = mergeByRank(symbols, codes)
  const pieces = symbols.map((symbol, i) =>
    i === symbols.length - 1 ? symbol.slice(0, -END.length) : symbol + CONTINUED,
  )
  if (codes.cache.size > 200_000) codes.cache.clear()
  codes.cache.set(word, pieces)
  return pieces
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
 * Learns merges from counted words. Pair counts are kept up to date, so a merge costs what the words that hold it cost.
 * Ties go to the pair that sorts first, so that the result depends on the counts alone.
 * @param count how many merges; fewer where no pair is left that occurs twice
 */
export function learnBpe(words: ReadonlyMap<string, number>, count: number): string[] {
  const entries: Word[] = [...words].map(([word, n]) => ({ symbols: spell(word), count: n }))
  const pairs = new PairCounts()
  entries.forEach((word, i) => {
    pairs.add(word, i, 1)
  })
  const merges: string[] = []
  while (merges.length < count) {
    const best = pairs.best()
    if (!best) break
    merges.push(best)
    for (const i of pairs.where(best)) {
      pairs.add(entries[i], i, -1)
      entries[i].symbols = mergePair(entries[i].symbols, best)
      pairs.add(entries[i], i, 1)
    }
  }
  return merges
}

/** How often each pair occurs, and in which words. */
class PairCounts {
  readonly #counts = new Map<string, number>()
  readonly #words = new Map<string, Set<number>>()

  add({ symbols, count }: Word, index: number, sign: 1 | -1): void {
    for (let i = 0; i + 1 < symbols.length; i++) {
      const pair = `${symbols[i]} ${symbols[i + 1]}`
      const next = (this.#counts.get(pair) ?? 0) + sign * count
      if (next > 0) this.#counts.set(pair, next)
      else this.#counts.delete(pair)
      if (sign > 0) {
        const places = this.#words.get(pair) ?? new Set()
        this.#words.set(pair, places.add(index))
      }
    }
  }

  /** The words that may hold a pair, as they are now. */
  where(pair: string): number[] {
    const places = [...(this.#words.get(pair) ?? [])]
    this.#words.delete(pair)
    return places
  }

  best(): string | undefined {
    let best: string | undefined
    let most = 1
    for (const [pair, count] of this.#counts)
      if (count > most || (count === most && best !== undefined && pair < best)) [best, most] = [pair, count]
    return best
  }
}
