/** Translation edit rate (Snover, Dorr, Schwartz, Micciulla & Makhoul 2006) as Tercom and sacreBLEU search for it. */
import { type Alignment, align, EditDistance } from './edit-distance.ts'
import { type Metric, SIGNATURE_VERSION } from './metric.ts'
import { splitWords } from './tokenizers.ts'

const MAX_SHIFT_SIZE = 10
const MAX_SHIFT_DISTANCE = 50
const MAX_CANDIDATES = 1000

export interface TerOptions {
  readonly caseSensitive?: boolean
}

/** Statistics: edits against the closest reference, and the mean reference length. */
export function ter({ caseSensitive = false }: TerOptions = {}): Metric {
  const words = (line: string) => splitWords(caseSensitive ? line : line.toLowerCase())
  return {
    name: 'TER',
    signature: `case:${caseSensitive ? 'mixed' : 'lc'}|tok:tercom|norm:no|punct:yes|asian:no|version:${SIGNATURE_VERSION}`,
    higherIsBetter: false,
    statistics(hypothesis, references) {
      const ours = words(hypothesis)
      const theirs = references.map(words)
      const edits = Math.min(...theirs.map(reference => countEdits(ours, reference)))
      return [edits, theirs.reduce((n, reference) => n + reference.length, 0) / theirs.length]
    },
    score({ 0: edits, 1: length }) {
      if (length > 0) return (100 * edits) / length
      return edits > 0 ? 100 : 0
    },
  }
}

/** Edits (insertions, deletions, substitutions, shifts of phrases) from a hypothesis to a reference. */
export function countEdits(hypothesis: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return hypothesis.length
  const distance = new EditDistance(reference)
  let words = [...hypothesis]
  let shifts = 0
  let checked = 0
  for (;;) {
    const best = bestShift(words, reference, distance, checked)
    checked = best.checked
    if (checked >= MAX_CANDIDATES || best.gain <= 0) break
    shifts++
    words = best.words
  }
  return shifts + distance.rebase(words).cost
}

interface Shift {
  readonly gain: number
  readonly length: number
  readonly start: number
  readonly target: number
  readonly words: string[]
}

/** The shift that brings most; of equal ones the longest, then the earliest, then the one to the earliest place. */
function bestShift(words: string[], reference: readonly string[], distance: EditDistance, checkedBefore: number) {
  const { cost, trace } = distance.rebase(words)
  const alignment = align(trace)
  let checked = checkedBefore
  let best: Shift | undefined
  for (const { start, place, length } of matchingPhrases(words, reference)) {
    if (!worthShifting(alignment, start, place, length)) continue
    for (const target of targets(alignment, place, length)) {
      const shifted = shift(words, start, length, target)
      const gain = cost - distance.cost(shifted, Math.min(start, target))
      const candidate = { gain, length, start, target, words: shifted }
      checked++
      if (!best || isBetter(candidate, best)) best = candidate
    }
    if (checked >= MAX_CANDIDATES) break
  }
  return best ? { ...best, checked } : { gain: 0, words, checked }
}

function isBetter(a: Shift, b: Shift): boolean {
  if (a.gain !== b.gain) return a.gain > b.gain
  if (a.length !== b.length) return a.length > b.length
  if (a.start !== b.start) return a.start < b.start
  return a.target < b.target
}

/** Phrases that stand in both: where in the hypothesis, where in the reference, how long. */
function* matchingPhrases(words: readonly string[], reference: readonly string[]) {
  for (let start = 0; start < words.length; start++)
    for (let place = 0; place < reference.length; place++) {
      if (Math.abs(place - start) > MAX_SHIFT_DISTANCE) continue
      for (let length = 1; length <= MAX_SHIFT_SIZE; length++) {
        if (start + length > words.length || place + length > reference.length) break
        if (words[start + length - 1] !== reference[place + length - 1]) break
        yield { start, place, length }
      }
    }
}

/** Whether the phrase is wrong where it stands, missing where it belongs, and not already there. */
function worthShifting(
  { toHypothesis, hypothesisErrors, referenceErrors }: Alignment,
  start: number,
  place: number,
  length: number,
) {
  if (!hypothesisErrors.slice(start, start + length).includes(1)) return false
  if (!referenceErrors.slice(place, place + length).includes(1)) return false
  const aligned = toHypothesis[place]
  return !(aligned >= start && aligned < start + length)
}

/** Places in the hypothesis that the phrase can go to: after what is aligned to each word from just before `place` on. */
function* targets({ toHypothesis }: Alignment, place: number, length: number): Generator<number> {
  let previous = -1
  for (let offset = -1; offset < length; offset++) {
    const at = place + offset
    if (at >= toHypothesis.length) return
    const target = at === -1 ? 0 : toHypothesis[at] + 1
    if (target !== previous) yield target
    previous = target
  }
}

function shift(words: readonly string[], start: number, length: number, target: number): string[] {
  const phrase = words.slice(start, start + length)
  if (target < start)
    return [...words.slice(0, target), ...phrase, ...words.slice(target, start), ...words.slice(start + length)]
  if (target > start + length)
    return [...words.slice(0, start), ...words.slice(start + length, target), ...phrase, ...words.slice(target)]
  return [
    ...words.slice(0, start),
    ...words.slice(start + length, length + target),
    ...phrase,
    ...words.slice(length + target),
  ]
}
