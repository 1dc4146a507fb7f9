/** `compress`: the models of a schedule. */

import { UserError } from '@espalier/runtime'
import type { Command } from 'commander'
import { readManifest } from '../../checkpoint/model-directory.ts'
import { openPrepared } from '../../corpus/prepared.ts'
import { withLock } from '../../storage/lock.ts'
import { ModelStore } from '../../store/model-store.ts'
import { fractionOf, type Recipe, slug, type TrainRecipe } from '../../store/recipe.ts'
import { parseSchedule, scheduleRecipes } from '../../study/schedule.ts'
import { sameCommand } from '../command-line.ts'
import type { CompressFlags } from '../commands/compress.ts'
import { readConfiguration } from '../configuration-options.ts'
import { interruptible } from '../interrupt.ts'
import { noteConvergence } from '../note-convergence.ts'
import { note, percent, print, printJson, table } from '../output.ts'
import { trainingProgress } from '../progress.ts'
import { backendSettings } from '../settings.ts'

/** A model that was made. */
interface Made {
  readonly kind: Recipe['kind']
  /** Fraction pruned; absent where pruned weights were allowed to grow back. */
  readonly fraction?: number
  readonly model: string
}

export async function compressAction(model: string, data: string, flags: CompressFlags, self: Command): Promise<void> {
  const { config: file, set, steps, scheme, block, only, except, backend } = flags
  const options = Object.entries({ steps, scheme, block, only, except }).filter(([, value]) => value !== undefined)
  const settings = [
    ...options.map(([key, value]) => ({ path: ['schedule', key], value, option: `--${key}` })),
    ...backendSettings(backend, ['schedule', 'retraining', 'backend']),
  ]
  const reader = { command: 'compress', sections: ['schedule'] }
  const { sections, origin } = await readConfiguration({ config: file, set }, reader, settings)
  const schedule = parseSchedule(sections.schedule ?? {}, origin)
  if (schedule.method === 'none' && steps !== undefined)
    throw new UserError('usage', '--steps prunes, which schedule.method none does not: leave one out')
  const config = await readManifest(model)
  noteConvergence(model, config)
  const corpus = await openPrepared(data)
  if (config.data !== corpus.digests['train.bin'])
    throw new UserError('other-data', `${model} was trained on other data than ${data}`)
  const { sourceVocabulary: _source, targetVocabulary: _target, ...network } = config.model
  const base: TrainRecipe = { kind: 'train', configuration: { model: network, training: config.training } }
  const build = async (signal: AbortSignal): Promise<Made[]> => {
    const store = await ModelStore.open(flags.out, corpus, { threads: flags.threads, signal, onModel: showModel })
    store.register(base, model)
    const made: Made[] = []
    for (const recipe of scheduleRecipes(base, schedule)) made.push(describe(recipe, await store.build(recipe)))
    return made
  }
  const models = await interruptible({
    onInterrupt: 'interrupted: stopping where it can go on',
    again: sameCommand(self),
    work: signal => withLock(flags.out, () => build(signal), { onStale: note }),
  })
  if (models === undefined) return
  if (flags.json) return printJson({ models })
  const rows = models.map(made => [made.fraction === undefined ? 'regrown' : percent(made.fraction), made.model])
  print(table(['pruned', 'model'], rows))
}

function showModel(recipe: Recipe) {
  note(`making ${slug(recipe)}`)
  return recipe.kind === 'prune' ? undefined : trainingProgress(slug(recipe))
}

function describe(recipe: Recipe, model: string): Made {
  if (recipe.kind === 'retrain' && recipe.regrow) return { kind: recipe.kind, model }
  return { kind: recipe.kind, fraction: fractionOf(recipe) ?? 0, model }
}
