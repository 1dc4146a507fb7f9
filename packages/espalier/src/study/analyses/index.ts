/** All analyses of a study's unpruned models, each made once and remembered. */
import { modelClasses, readModel } from '../../checkpoint/model-directory.ts'
import { prune } from '../../pruning/index.ts'
import type { ModelStore } from '../../store/model-store.ts'
import type { TrainRecipe } from '../../store/recipe.ts'
import type { StudyConfiguration } from '../configuration.ts'
import type { Experiment } from '../experiments.ts'
import type { MeasurementStore } from '../measurements.ts'
import { representativeRetrained, type StudyResults } from '../results.ts'
import { analyseBreakdown, magnitudeSchemes } from './breakdown.ts'
import type { AnalysisContext } from './context.ts'
import { describeDistributions } from './distributions.ts'
import { analyseLayers } from './layers.ts'
import { analyseRareWords } from './rare-words.ts'
import { analyseSensitivity } from './sensitivity.ts'
import { describeSurvivingWeights } from './surviving-weights.ts'

export interface AnalysesOptions {
  /** The unpruned models that there are: of the first of them all analyses are made, of the others those that claims rest on. */
  readonly bases: readonly TrainRecipe[]
  /** What is built of the first one's seed. */
  readonly built: readonly Experiment[]
  readonly study: StudyConfiguration
  readonly models: ModelStore
  readonly measurements: MeasurementStore
  contextOf(base: TrainRecipe): Promise<AnalysisContext>
  /** An analysis begins that was not made before. */
  onAnalysis?(name: string, seed: number): void
}

export type Analyses = Pick<
  StudyResults,
  'sensitivity' | 'breakdown' | 'redundancy' | 'distributions' | 'layers' | 'rareWords'
>

export async function analyseModels({ bases, ...options }: AnalysesOptions): Promise<Analyses> {
  const [first] = bases
  if (!first) return { sensitivity: [], breakdown: [], redundancy: [] }
  const redundancy: StudyResults['redundancy'] = []
  const layers: NonNullable<StudyResults['layers']> = []
  const rareWords: NonNullable<StudyResults['rareWords']> = []
  for (const base of bases) {
    redundancy.push(await redundancyOf(base, base === first, options))
    const { seed } = base.configuration.training
    layers.push(
      await analyseLayers(seed, options.study.layers, (name, make) => remember(name, base, {}, make, options)),
    )
    rareWords.push(await remember('rare-words', base, { at: options.study.picturesAt }, analyseRareWords, options))
  }
  return { redundancy, layers, rareWords, ...(await analyseFirst(first, options)) }
}

type Options = Omit<AnalysesOptions, 'bases'>

async function analyseFirst(
  base: TrainRecipe,
  options: Options,
): Promise<Omit<Analyses, 'redundancy' | 'layers' | 'rareWords'>> {
  const { built, study, models, measurements } = options
  const { test } = measurements.setting
  const schemes = magnitudeSchemes(study.schemes)
  const retrained = representativeRetrained(built)
  const shown = { retrained: retrained && models.key(retrained.recipe) }
  return {
    sensitivity: await remember('sensitivity', base, { ...study.sensitivity, test }, analyseSensitivity, options),
    breakdown: await remember('breakdown', base, { schemes, at: study.breakdownAt }, analyseBreakdown, options),
    distributions: await remember('distributions', base, shown, distributionsWith(retrained, models), options),
  }
}

const distributionsWith =
  (retrained: Experiment | undefined, models: ModelStore) =>
  async ({ classes }: AnalysisContext) => {
    const histograms = new Map([['dense', classes]])
    if (retrained) histograms.set(retrained.id, modelClasses(await readModel(models.directory(retrained.recipe))))
    return describeDistributions(histograms)
  }

/** Where the surviving weights of a seed's model lie. @param pictures whether matrices are drawn */
async function redundancyOf(base: TrainRecipe, pictures: boolean, options: Options) {
  const { seed } = base.configuration.training
  const { picturesAt: fraction } = options.study
  const describe = async ({ dense, classes }: AnalysisContext) => {
    const mask = prune(classes, { scheme: 'class-blind', fraction })
    const described = describeSurvivingWeights(dense.config.model, mask, fraction)
    return { seed, ...described, ...(!pictures && { pictures: [] }) }
  }
  return remember('redundancy', base, { fraction, pictures }, describe, options)
}

function remember<T>(
  name: string,
  base: TrainRecipe,
  input: object,
  make: (context: AnalysisContext) => Promise<T>,
  { measurements, contextOf, onAnalysis }: Options,
): Promise<T> {
  return measurements.analysis(name, base, input, async () => {
    onAnalysis?.(name, base.configuration.training.seed)
    return make(await contextOf(base))
  })
}
