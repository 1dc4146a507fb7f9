import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyBpe, BpeCodes, joinBpe, learnBpe } from '../../src/text/bpe.ts'
import { formatBpeCodes, parseBpeCodes } from '../../src/text/bpe-codes.ts'
import { anyLine } from './strings.ts'

/** The example of Sennrich et al. 2016, section 3.2. */
const paper = new Map([
  ['low', 5],
  ['lower', 2],
  ['newest', 6],
  ['widest', 3],
])

/** The order of Python's strings. */
function compareCodePoints(a: string, b: string): number {
  const [x, y] = [Array.from(a, c => c.codePointAt(0)!), Array.from(b, c => c.codePointAt(0)!)]
  const i = x.findIndex((point, at) => point !== y[at])
  if (i < 0) return x.length - y.length
  return y[i] === undefined ? 1 : x[i] - y[i]
}

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
    const [best] = [...pairs].filter(([, n]) => n > 1).sort(([a, n], [b, m]) => m - n || -compareCodePoints(a, b))
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
    // st</w> and est</w> come first: 9 = newest 6 + widest 3. (The paper takes `e s` first, which occurs as often.)
    expect(learnBpe(paper, 3)).toEqual(['s t</w>', 'e st</w>', 'l o'])
  })

  test('of equal counts, the pair that sorts last comes first, by code points', () => {
    const words = ['ab', 'cd', '\ufb01x', '😀x']
    expect(learnBpe(new Map(words.map(word => [word, 2])), 4)).toEqual([
      '😀 x</w>',
      '\ufb01 x</w>',
      'c d</w>',
      'a b</w>',
    ])
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
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\ufb01', '😀', '😁'), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.integer({ min: 1, max: 9 })), { maxLength: 12 }), words => {
        const counts = new Map(words)
        expect(learnBpe(counts, 12)).toEqual(learnSlowly(counts, 12))
      }),
      { numRuns: 300 },
    )
  })
})

describe('code files', () => {
  test('go there and back', () => {
    const merges = learnBpe(paper, 10)
    expect(formatBpeCodes(['e s', 'es t</w>'])).toBe('#version: 0.2\ne s\nes t</w>\n')
    expect(parseBpeCodes(formatBpeCodes(merges))).toEqual(merges)
    expect(parseBpeCodes(formatBpeCodes(merges).replaceAll('\n', '\r\n'), 2)).toEqual(merges.slice(0, 2))
    expect(parseBpeCodes(formatBpeCodes([]))).toEqual([])
  })

  test.each([
    ['e s\nes t</w>\n', /line 1 is not #version: 0.2/],
    ['#version: 0.1\ne s\n', /line 1 is not #version: 0.2/],
    ['#version: 0.2\ne s\nes\n', /line 3 is not two symbols/],
    ['#version: 0.2\ne s t\n', /line 2 is not two symbols/],
    ['#version: 0.2\n\ne s\n', /line 2 is not two symbols/],
    ['', /line 1/],
  ])('with mistakes: %j', (text, message) => {
    expect(() => parseBpeCodes(text)).toThrow(message)
  })

  test('of a merge that is there twice, the first counts', () => {
    expect(applyBpe('abc', new BpeCodes(['a b', 'b c</w>', 'a b']))).toEqual(['ab@@', 'c'])
  })
})

describe('applyBpe', () => {
  test('merges in the order learnt, marks what continues', () => {
    const codes = new BpeCodes(learnBpe(paper, 10))
    expect(applyBpe('lowest', codes)).toEqual(['lo@@', 'west'])
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
