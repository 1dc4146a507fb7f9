import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyBpe, BpeCodes, joinBpe, learnBpe } from '../../src/text/bpe.ts'
import { anyLine } from './strings.ts'

/** The example of Sennrich et al. 2016, section 3.2. */
const paper = new Map([
  ['low', 5],
  ['lower', 2],
  ['newest', 6],
  ['widest', 3],
])

/** Learns by counting all pairs anew before each merge: slow, and plain to see. */
function learnSlowly(words: ReadonlyMap<string, number>, count: number): string[] {
  let entries = [...words].map(([word, n]) => {
    const symbols = Array.from(word)
    symbols[symbols.length - 1] += '</w>'
    return { symbols, n }
  })
  const merges: string[] = []
  while (merges.length < count) {
    const pairs = new Map<string, number>()
    for (const { symbols, n } of entries)
      for (let i = 1; i < symbols.length; i++) {
        const pair = `${symbols[i - 1]} ${symbols[i]}`
        pairs.set(pair, (pairs.get(pair) ?? 0) + n)
      }
    const [best] = [...pairs].filter(([, n]) => n > 1).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    if (!best) break
    merges.push(best[0])
    const [left, right] = best[0].split(' ')
    entries = entries.map(({ symbols, n }) => {
      const merged: string[] = []
      for (let i = 0; i < symbols.length; i++) {
        const found = symbols[i] === left && symbols[i + 1] === right
        merged.push(found ? left + right : symbols[i])
        if (found) i++
      }
      return { symbols: merged, n }
    })
  }
  return merges
}

describe('learnBpe', () => {
  test("the paper's example", () => {
    // es, est</w> and the rest of newest come first: 9 = newest 6 + widest 3.
    expect(learnBpe(paper, 3)).toEqual(['e s', 'es t</w>', 'l o'])
  })

  test('stops where no pair occurs twice', () => {
    expect(learnBpe(new Map([['ab', 1]]), 10)).toEqual([])
    expect(learnBpe(new Map(), 10)).toEqual([])
    expect(learnBpe(new Map([['aaaa', 1]]), 10)).toEqual(['a a'])
  })

  test('does not depend on the order of the words', () => {
    expect(learnBpe(new Map([...paper].reverse()), 10)).toEqual(learnBpe(paper, 10))
  })

  test('agrees with counting anew', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.integer({ min: 1, max: 9 })), { maxLength: 12 }), words => {
        const counts = new Map(words)
        expect(learnBpe(counts, 12)).toEqual(learnSlowly(counts, 12))
      }),
      { numRuns: 300 },
    )
  })
})

describe('applyBpe', () => {
  test('merges in the order learnt, marks what continues', () => {
    const codes = new BpeCodes(learnBpe(paper, 10))
    expect(applyBpe('lowest', codes)).toEqual(['lo@@', 'w@@', 'est'])
    expect(applyBpe('low', codes)).toEqual(['low'])
    expect(applyBpe('q', codes)).toEqual(['q'])
    expect(applyBpe('', codes)).toEqual([])
  })

  test('joining undoes it, whatever the word', () => {
    const codes = new BpeCodes(['a b', '@ @', '@@ </w>', '@@ @</w>', '@ @</w>', 'ab c</w>'])
    const word = anyLine.map(line => line.replaceAll(/\s/gu, '')).filter(w => w !== '')
    fc.assert(
      fc.property(fc.array(word, { maxLength: 10 }), words => {
        expect(joinBpe(words.flatMap(w => applyBpe(w, codes)))).toEqual(words)
      }),
      { numRuns: 500 },
    )
  })

  test('a cut translation still gives words', () => {
    expect(joinBpe(['low', 'wi@@'])).toEqual(['low', 'wi'])
  })

  test('a very long word takes no long time', () => {
    const codes = new BpeCodes(['a a', 'aa aa'])
    expect(applyBpe('a'.repeat(100_000), codes)).toHaveLength(100_000)
  })
})
