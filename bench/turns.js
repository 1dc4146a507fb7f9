/**
 * Systems that translate the same sentences in turns, so that what else the machine does meets all of them. Each round is
 * of other sentences, as far as there are any, for a system may remember some of what it computed for those it has seen.
 */
import { parseArgs } from 'node:util'
import { readLines } from 'espalier/corpus'

/**
 * @typedef {import('./timing.js').Setting} Setting
 * @typedef {import('./timing.js').Answer} Answer
 * @typedef {object} System
 * @property {string} name
 * @property {boolean} dense whether it is one that the others are measured against
 * @property {(sentences: readonly string[], setting: Setting) => Promise<Answer>} translate
 *
 * @typedef {object} Speed
 * @property {string} system
 * @property {number} beam
 * @property {number} batchSize
 * @property {number} words of the translations
 * @property {number} best words/s
 * @property {number} median words/s
 * @property {Record<string, number>} ratios by the name of a dense system: the median of this one's speed over that one's,
 *   round by round
 * @property {number} agreement share of the sentences that the first system translates to the same words
 */

/** The number in the middle; of an even number of them, the mean of the two. @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
/** @param {number} x */
const rounded = (x, digits = 0) => Number(x.toFixed(digits))

/**
 * @param {readonly System[]} systems
 * @param {readonly string[]} lines sentences; where they are too few, they come again
 * @param {{ settings: readonly Setting[], rounds: number, sentences: number }} options `sentences` of a round
 * @returns {Promise<Speed[]>}
 */
export async function measureInTurns(systems, lines, { settings, rounds, sentences: count }) {
  /** @type {Speed[]} */
  const speeds = []
  let next = 0
  const take = (/** @type {number} */ number) => Array.from({ length: number }, () => lines[next++ % lines.length])
  for (const setting of settings) {
    const answers = systems.map(() => /** @type {Answer[]} */ ([]))
    const first = take(setting.batchSize)
    for (const system of systems) await system.translate(first, setting)
    for (let round = 0; round < rounds; round++) {
      const sentences = take(count)
      for (let k = 0; k < systems.length; k++) {
        // Each round starts with another system.
        const turn = (round + k) % systems.length
        answers[turn].push(await systems[turn].translate(sentences, setting))
      }
    }
    const rates = answers.map(list => list.map(({ words, seconds }) => words / seconds))
    systems.forEach(({ name }, s) => {
      const against = systems.flatMap((other, o) => {
        const ratios = rates[s].map((rate, round) => rate / rates[o][round])
        return other.dense ? [[other.name, rounded(median(ratios), 2)]] : []
      })
      const same = answers[s].flatMap(({ texts }, round) => texts.filter((t, i) => t === answers[0][round].texts[i]))
      speeds.push({
        system: name,
        ...setting,
        words: answers[s].reduce((sum, { words }) => sum + words, 0),
        best: rounded(Math.max(...rates[s])),
        median: rounded(median(rates[s])),
        ratios: Object.fromEntries(against),
        agreement: rounded(same.length / (rounds * count), 3),
      })
    })
  }
  return speeds
}

/** Prints speeds as a table, and then all results as one line of JSON. @param {Speed[]} speeds */
export function printSpeeds(speeds) {
  console.log('words/s: target words, one </s> for each sentence included')
  console.table(
    speeds.map(({ system, beam, batchSize, best, median, ratios, agreement }) => ({
      system,
      beam,
      batch: batchSize,
      best,
      median,
      ...Object.fromEntries(Object.entries(ratios).map(([name, ratio]) => [`× ${name}`, ratio])),
      same: `${(100 * agreement).toFixed(1)} %`,
    })),
  )
}

/**
 * The arguments that both measurements have, and their sentences.
 * @param {string} usage printed where something is missing
 */
export async function parseMeasurement(usage) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      source: { type: 'string' },
      sentences: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '5' },
      beams: { type: 'string', default: '1,5' },
      batches: { type: 'string', default: '1,32' },
      precisions: { type: 'string', default: 'f32,int8' },
      threads: { type: 'string', default: '1' },
      isolated: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  })
  if (positionals.length === 0 || values.source === undefined) {
    console.error(usage)
    process.exit(2)
  }
  const numbers = (/** @type {string} */ list) => list.split(',').map(Number)
  const lines = (await readLines(values.source)).filter(line => line.trim() !== '')
  return {
    models: positionals,
    lines,
    sentences: Number(values.sentences),
    rounds: Number(values.rounds),
    precisions: /** @type {import('./baselines/dense.js').Precision[]} */ (values.precisions.split(',')),
    settings: numbers(values.batches).flatMap(batchSize => numbers(values.beams).map(beam => ({ beam, batchSize }))),
    threads: Number(values.threads),
    isolated: values.isolated,
    out: values.out,
  }
}

/** Whether an argument is a packed file; else it is a model's directory. @param {string} model */
export const isPacked = model => model.endsWith('.espalier')
