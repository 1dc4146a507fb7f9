/**
 * What pruning leaves of each word's weights, by the word's frequency, beside the other explanation: a rare word's embedding
 * is small because few updates reached it. Rows of the output layer belong to words too and get a gradient in every update,
 * whatever the word: they tell the two apart.
 */
import { SPECIAL_TOKENS } from '@espalier/runtime'
import { type ParameterSpec, parameterSpecs } from '@espalier/runtime/architectures'
import { readMetrics } from '../../checkpoint/metrics-file.ts'
import type { NetworkConfig } from '../../configuration/network.ts'
import { initialParameters, type Parameters } from '../../network/parameters.ts'
import { type Mask, prune } from '../../pruning/index.ts'
import { average } from '../statistics/average.ts'
import { partialSpearman, spearman } from '../statistics/rank-correlation.ts'
import type { RareWords, WordMatrix } from '../word-results.ts'
import type { AnalysisContext } from './context.ts'
import { type WordUse, wordUse } from './word-updates.ts'

/** Bands of frequency: each is this many times as wide as the one before. */
const GROWTH = 1.5
const FIRST_WIDTH = 4

/** What class-blind pruning leaves of words' weights in an unpruned model. */
export async function analyseRareWords({ seed, dense, classes, study, train }: AnalysisContext): Promise<RareWords> {
  const { model, training } = dense.config
  const { parameters } = dense
  // The last epoch that was measured is the last one of the training, or the part of one with which it ended.
  const trained = (await readMetrics(dense.directory)).at(-1)?.epoch ?? training.epochs
  const sizes = { source: model.sourceVocabulary, target: model.targetVocabulary }
  const use = wordUse(train, { ...training, epochs: Math.min(trained, training.epochs) }, sizes)
  const fraction = study.picturesAt
  const mask = prune(classes, { scheme: 'class-blind', fraction })
  return describeRareWords({ model, parameters, mask, fraction, seed, use })
}

export interface RareWordsInput {
  readonly model: NetworkConfig
  /** Of the unpruned model. */
  readonly parameters: Parameters
  readonly mask: Mask
  /** The fraction of all weights that the mask prunes. */
  readonly fraction: number
  /** The seed of the unpruned model's initial weights. */
  readonly seed: number
  readonly use: { readonly source: WordUse; readonly target: WordUse }
}

/** Describes the embeddings and the output layer. Vocabularies are in descending frequency, so the rows are too. */
export function describeRareWords({ model, parameters, mask, fraction, seed, use }: RareWordsInput): RareWords {
  const initial = initialParameters(model, seed)
  const matrices = parameterSpecs(model)
    .filter(
      ({ name, role, part, side }) =>
        side && (role === 'embedding' || (part === 'output' && role === 'matrix')) && mask.kept.has(name),
    )
    .map(spec => describeMatrix(spec, wordRows(spec, { parameters, initial, mask, use })))
  return { seed, fraction, matrices }
}

/** One word's row of a matrix. */
interface WordRow {
  readonly count: number
  /** Share of the updates that it got a gradient in. */
  readonly updates: number
  /** Share of its weights that are kept. */
  readonly kept: number
  /** Root mean square of what its weights moved in training. */
  readonly moved: number
}

function wordRows(
  { name, role, side, shape: [rows, columns] }: ParameterSpec,
  { parameters, initial, mask, use }: Pick<RareWordsInput, 'parameters' | 'mask' | 'use'> & { initial: Parameters },
): WordRow[] {
  const [kept, now, before] = [mask.kept.get(name), parameters.get(name)?.data, initial.get(name)?.data]
  if (!kept || !now || !before || !side) throw new RangeError(`there is no parameter ${name}`)
  return Array.from({ length: rows - SPECIAL_TOKENS.length }, (_, i) => {
    const row = i + SPECIAL_TOKENS.length
    let [left, squares] = [0, 0]
    for (let place = row * columns; place < (row + 1) * columns; place++) {
      left += kept[place]
      squares += (now[place] - before[place]) ** 2
    }
    const { counts, updates } = use[side]
    return {
      count: counts[row],
      updates: role === 'embedding' ? updates[row] : 1,
      kept: left / columns,
      moved: Math.sqrt(squares / columns),
    }
  })
}

function describeMatrix({ name, weightClass = name }: ParameterSpec, rows: readonly WordRow[]): WordMatrix {
  const [counts, updates, kept] = [rows.map(r => r.count), rows.map(r => r.updates), rows.map(r => r.kept)]
  return {
    name: weightClass,
    words: rows.length,
    frequencyAndKept: spearman(counts, kept),
    updatesAndKept: spearman(updates, kept),
    frequencyAndUpdates: spearman(counts, updates),
    frequencyBeyondUpdates: partialSpearman(counts, kept, updates),
    updatesBeyondFrequency: partialSpearman(updates, kept, counts),
    rareKept: average(kept.slice(Math.floor(rows.length / 2))),
    frequentKept: average(kept.slice(0, Math.ceil(rows.length / 2))),
    bands: frequencyBands(rows),
  }
}

function frequencyBands(rows: readonly WordRow[]): WordMatrix['bands'] {
  const bands: WordMatrix['bands'] = []
  let width = FIRST_WIDTH
  for (let from = 0; from < rows.length; ) {
    const to = Math.min(rows.length, Math.round(from + width))
    const band = rows.slice(from, to)
    bands.push({
      from: from + 1,
      to,
      kept: average(band.map(row => row.kept)),
      updates: average(band.map(row => row.updates)),
      moved: average(band.map(row => row.moved)),
    })
    width *= GROWTH
    from = to
  }
  return bands
}
