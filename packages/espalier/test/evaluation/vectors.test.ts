import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sumStatistics } from '../../src/evaluation/bootstrap.ts'
import {
  bleu,
  bleuDetails,
  chrf,
  corpusStatistics,
  scoreCorpus,
  sentenceBleu,
  ter,
} from '../../src/evaluation/index.ts'

const path = new URL('../../../../../shared/data/metric-vectors.json', import.meta.url)
const available = existsSync(path)
if (!available) console.info(`metric vectors are skipped: no ../shared/data/metric-vectors.json`)

interface BleuVector {
  score: number
  precisions: number[]
  bp: number
  sys_len: number
  ref_len: number
}
interface Vector {
  id: number
  hypotheses: string[]
  references: string[][]
  bleu_13a: BleuVector
  bleu_13a_lc: BleuVector
  bleu_intl: BleuVector
  bleu_none: BleuVector
  sentence_bleu_13a: number[]
  chrf2: number
  chrf2pp: number
  ter: number
}
const cases: Vector[] = available ? JSON.parse(readFileSync(path, 'utf8')).cases : []

describe.skipIf(!available)('agreement with sacreBLEU to 1e-6', () => {
  const settings = [
    ['bleu_13a', { tokenizer: '13a' }],
    ['bleu_13a_lc', { tokenizer: '13a', lowercase: true }],
    ['bleu_intl', { tokenizer: 'intl' }],
    ['bleu_none', { tokenizer: 'none' }],
  ] as const
  it.each(settings)('%s', (key, options) => {
    for (const vector of cases) {
      const statistics = sumStatistics(corpusStatistics(bleu(options), vector.hypotheses, vector.references))
      const found = bleuDetails(statistics)
      expect(found.score, `case ${vector.id}`).toBeCloseTo(vector[key].score, 6)
      expect(found.brevityPenalty).toBeCloseTo(vector[key].bp, 6)
      expect([found.hypothesisLength, found.referenceLength]).toEqual([vector[key].sys_len, vector[key].ref_len])
      found.precisions.forEach((p, n) => {
        expect(p).toBeCloseTo(vector[key].precisions[n], 6)
      })
    }
  })

  it('sentence BLEU', () => {
    for (const vector of cases)
      vector.hypotheses.forEach((hypothesis, i) => {
        const references = vector.references.map(stream => stream[i])
        expect(sentenceBleu(hypothesis, references), `case ${vector.id}, ${i}`).toBeCloseTo(
          vector.sentence_bleu_13a[i],
          6,
        )
      })
  })

  it.each([
    ['chrf2', chrf()],
    ['chrf2pp', chrf({ wordOrder: 2 })],
    ['ter', ter()],
  ] as const)('%s', (key, metric) => {
    for (const vector of cases)
      expect(scoreCorpus(metric, vector.hypotheses, vector.references).score, `case ${vector.id}`).toBeCloseTo(
        vector[key],
        6,
      )
  })
})
