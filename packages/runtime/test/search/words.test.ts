import { describe, expect, it } from 'vitest'
import { hardAlignment, hypothesisWords, pharaoh } from '../../src/index.ts'

describe('words from attention', () => {
  const hypothesis = {
    tokens: [5, 1, 1],
    attention: [Float32Array.of(0.9, 0.1, 0), Float32Array.of(0.2, 0.3, 0.5), Float32Array.of(0.6, 0.3, 0.1)],
  }
  const without = { tokens: [5, 1, 1] }

  it('are aligned with what they attend to, never with the end of the sentence', () => {
    expect(hardAlignment(hypothesis)).toEqual([0, 1, 0])
    expect(pharaoh(hypothesis)).toBe('0-0 1-1 0-2')
  })

  it('are aligned with the first of equally attended words', () => {
    expect(hardAlignment({ tokens: [5], attention: [Float32Array.of(0.1, 0.4, 0.4, 0.1)] })).toEqual([1])
  })

  it('are aligned with nothing where there is no attention or no source word', () => {
    expect(hardAlignment(without)).toEqual([-1, -1, -1])
    expect(pharaoh(without)).toBe('')
    expect(pharaoh({ tokens: [5], attention: [Float32Array.of(1)] })).toBe('')
  })

  it('replace unknown ones by what a dictionary has, or by the source word', () => {
    const words = hypothesisWords(hypothesis, ['Ada', 'Bob'], () => 'known', new Map([['Bob', 'Robert']]))
    expect(words).toEqual(['known', 'Robert', 'Ada'])
  })

  it('leave unknown ones where there is no attention', () => {
    expect(hypothesisWords(without, ['Ada'], id => `w${id}`)).toEqual(['w5', 'w1', 'w1'])
  })
})
