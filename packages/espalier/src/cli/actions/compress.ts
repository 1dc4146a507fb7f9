/** `compress`: the models of a schedule that is given, or of the best that is known for a fraction. */

import { UserError } from '@espalier/runtime'
import type { Command } from 'commander'
import { readMetrics } from '../../checkpoint/metrics-file.ts'
import { readManifest, trainedConfiguration } from '../../checkpoint/model-directory.ts'
import type { Configuration } from '../../configuration/configuration.ts'
import { openPrepared } from '../../corpus/prepared.ts'
import { withLock } from '../../storage/lock.ts'
import { ModelStore } from '../../store/model-store.ts'
import { fractionOf, type Recipe, slug, type TrainRecipe } from '../../store/recipe.ts'
import { scheduleChoices } from '../../study/automatic-schedule.ts'
import { parseSchedule, type Schedule, scheduleRecipes } from '../../study/schedule.ts'
import { sameCommand } from '../command-line.ts'
import type { CompressFlags } from '../commands/compress.ts'
import { readConfiguration } from '../configuration-options.ts'
import { interruptible } from '../interrupt.ts'
import { noteConvergence } from '../note-convergence.ts'
import { duration, note, percent, print, printJson, table } from '../output.ts'
import { trainingProgress } from '../progress.ts'
import { backendSettings } from '../settings.ts'

/** A schedule to follow. */
interface Way {
  /** Said when it begins, of a schedule that was not given. */
  readonly description?: string
  readonly schedule: Schedule
}

/** A model that was made. */
interface Made {
  readonly kind: Recipe['kind']
  /** Fraction pruned; absent where pruned weights were allowed to grow back. */
  readonly fraction?: number
  readonly model: string
  /** Epochs that this model was trained for, and the lowest validation perplexity of them. */
  readonly epochs: number
  readonly validPerplexity: number
}

export async function compressAction(model: string, data: string, flags: CompressFlags, self: Command): Promise<void> {
  const read = await readSchedule(flags)
  const manifest = await readManifest(model)
  noteConvergence(model, manifest)
  const configuration = { ...trainedConfiguration(manifest), gradual: undefined }
  const ways = flags.fraction === undefined ? [given(read)] : chosen(read, configuration, flags)
  const corpus = await openPrepared(data)
  if (manifest.data !== corpus.digests['train.bin'])
    throw new UserError('other-data', `${model} was trained on other data than ${data}`)
  const base: TrainRecipe = { kind: 'train', configuration }
  const build = async (signal: AbortSignal): Promise<Made[][]> => {
    const store = await ModelStore.open(flags.out, corpus, { threads: flags.threads, signal, onModel: showModel })
    store.register(base, model)
    return follow(ways, base, store, 3600 * (flags.hours ?? 0))
  }
  const began = performance.now()
  const made = await interruptible({
    onInterrupt: 'interrupted: stopping where it can go on',
    again: sameCommand(self),
    work: signal => withLock(flags.out, () => build(signal), { onStale: note }),
  })
  if (made === undefined) return
  const models = made.flat()
  const best = flags.fraction === undefined ? undefined : bestOf(models)
  if (flags.json) return printJson({ models, ...(best && { best: best.model }) })
  print(table(['pruned', 'epochs', 'validation perplexity', 'model'], models.map(row)))
  if (best) await printBest(best, model)
  note(`${duration((performance.now() - began) / 1000)} in all`)
}

/** Keys of a schedule that go together with --fraction: which weights go, and how what is left is trained. */
const BESIDE_FRACTION = ['scheme', 'block', 'only', 'except', 'seed', 'retraining']

async function readSchedule({
  config: file,
  set,
  steps,
  scheme,
  block,
  only,
  except,
  backend,
  fraction,
  hours,
}: CompressFlags) {
  const options = Object.entries({ steps, scheme, block, only, except }).filter(([, value]) => value !== undefined)
  const settings = [
    ...options.map(([key, value]) => ({ path: ['schedule', key], value, option: `--${key}` })),
    ...backendSettings(backend, ['schedule', 'retraining', 'backend']),
  ]
  const reader = { command: 'compress', sections: ['schedule'] }
  const { sections, origin } = await readConfiguration({ config: file, set }, reader, settings)
  const draft = sections.schedule ?? {}
  const schedule = parseSchedule(draft, origin)
  if (schedule.method === 'none' && steps !== undefined)
    throw new UserError('usage', '--steps prunes, which schedule.method none does not: leave one out')
  const other = Object.keys(draft).find(key => !BESIDE_FRACTION.includes(key))
  if (fraction !== undefined && other !== undefined)
    throw new UserError(
      'usage',
      `${steps === undefined ? `schedule.${other}` : '--steps'} and --fraction both say how to prune; leave one out`,
    )
  if (hours !== undefined && fraction === undefined)
    throw new UserError('usage', '--hours is for --fraction, which has more than one schedule to try')
  return { draft, schedule, origin }
}

type ReadSchedule = Awaited<ReturnType<typeof readSchedule>>

const given = ({ schedule }: ReadSchedule): Way => ({ schedule })

/** What is known to be best, with what the command line says of it; all of it where there are hours, or else the first. */
function chosen(
  { draft, schedule, origin }: ReadSchedule,
  configuration: Configuration,
  { fraction = 0, hours }: CompressFlags,
): Way[] {
  const choices = scheduleChoices(configuration, fraction, schedule.retraining)
  return choices.slice(0, hours === undefined ? 1 : choices.length).map(({ description, draft: choice }) => ({
    description,
    schedule: parseSchedule({ ...draft, ...choice }, origin),
  }))
}

/** Follows one schedule after the other, as long as another like the longest so far ends in time; the first in any case. */
async function follow(ways: readonly Way[], base: TrainRecipe, store: ModelStore, seconds: number): Promise<Made[][]> {
  const made: Made[][] = []
  const began = performance.now()
  let longest = 0
  for (const { description, schedule } of ways) {
    const start = performance.now()
    const recipes = scheduleRecipes(base, schedule)
    const isBuilt = (await Promise.all(recipes.map(recipe => store.isBuilt(recipe)))).every(Boolean)
    if (made.length > 0 && !isBuilt && start + longest > began + 1000 * seconds) break
    if (description !== undefined && !isBuilt) note(description)
    const models: Made[] = []
    for (const recipe of recipes) models.push(await describe(recipe, await store.build(recipe)))
    made.push(models)
    longest = Math.max(longest, performance.now() - start)
  }
  return made
}

function showModel(recipe: Recipe) {
  note(`making ${slug(recipe)}`)
  return recipe.kind === 'prune' ? undefined : trainingProgress(slug(recipe))
}

async function describe(recipe: Recipe, model: string): Promise<Made> {
  const metrics = await readMetrics(model)
  const eligible = metrics.filter(({ best }) => best)
  const validPerplexity = Math.min(...(eligible.length > 0 ? eligible : metrics).map(line => line.validPerplexity))
  const made = { kind: recipe.kind, model, epochs: metrics.at(-1)?.epoch ?? 0, validPerplexity }
  return recipe.kind === 'retrain' && recipe.regrow ? made : { ...made, fraction: fractionOf(recipe) ?? 0 }
}

const row = ({ fraction, epochs, validPerplexity, model }: Made) => [
  fraction === undefined ? 'regrown' : percent(fraction),
  epochs,
  validPerplexity.toFixed(3),
  model,
]

const bestOf = (models: readonly Made[]): Made =>
  models.reduce((best, made) => (made.validPerplexity < best.validPerplexity ? made : best))

async function printBest({ model, validPerplexity }: Made, dense: string): Promise<void> {
  const metrics = await readMetrics(dense).catch(() => [])
  const before = Math.min(...metrics.map(line => line.validPerplexity))
  const cost = Number.isFinite(before)
    ? `; validation perplexity ${before.toFixed(3)} → ${validPerplexity.toFixed(3)} (${validPerplexity < before ? '−' : '+'}${percent(Math.abs(validPerplexity / before - 1))})`
    : ''
  print(`\nThe best: ${model}${cost}`)
}
