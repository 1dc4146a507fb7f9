import { afterEach, expect, it, vi } from 'vitest'
import { workProgress } from '../../src/cli/progress.ts'

/** What is written to standard error while a clock is turned by hand. */
function watched(): { lines: string[]; advance(ms: number): void } {
  const lines: string[] = []
  let now = 1000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  vi.spyOn(process.stderr, 'write').mockImplementation(text => lines.push(String(text)) > 0)
  return {
    lines,
    advance: ms => {
      now += ms
    },
  }
}

afterEach(() => vi.restoreAllMocks())

it('away from a terminal a line appears every 15 seconds, with rate and time left', () => {
  const { lines, advance } = watched()
  const progress = workProgress('translate', { unit: 'sentences', total: 10_000 })
  advance(1000)
  progress.update(100)
  expect(lines).toEqual([])
  advance(15_000)
  progress.update(4000)
  progress.stop()
  expect(lines).toEqual(['translate: 4,000 of 10,000 sentences, 250/s, 24 s left\n'])
})

it('of work whose size is not known it says what is done, and is silent where it is told to be', () => {
  const { lines, advance } = watched()
  const progress = workProgress('translate', { unit: 'sentences' })
  const silent = workProgress('translate', { unit: 'sentences', total: 5, silent: true })
  advance(20_000)
  progress.update(3000)
  silent.update(3)
  expect(lines).toEqual(['translate: 3,000 sentences, 150/s\n'])
})
