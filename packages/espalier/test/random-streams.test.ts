import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dropoutStream, RANDOM_STREAMS } from '../src/random-streams.ts'

describe('streams of random numbers', () => {
  it('are distinct, from each other and from those of dropout masks', () => {
    const streams = Object.values(RANDOM_STREAMS)
    expect(new Set(streams).size).toBe(streams.length)
    expect(Math.max(...streams)).toBeLessThan(dropoutStream(0))
    expect(() => dropoutStream(1e9)).toThrow(RangeError)
  })

  it('have their numbers in one file', () => {
    const source = new URL('../src/', import.meta.url)
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
    const draws = files.flatMap(file =>
      [...readFileSync(new URL(file, source), 'utf8').matchAll(/new Random\(([^)]*\)?[^)]*)\)/gu)].map(
        match => match[1],
      ),
    )
    expect(draws.length).toBeGreaterThanOrEqual(Object.keys(RANDOM_STREAMS).length)
    for (const draw of draws) expect(draw).toContain('RANDOM_STREAMS.')
  })
})
