/** `prune`: a model's directory or a safetensors file of another program. */
import { UserError } from '@espalier/runtime'
import { assertSameVocabularies, readManifest, readModel } from '../../checkpoint/model-directory.ts'
import { openPrepared } from '../../corpus/prepared.ts'
import { measureSensitivity, sensitivityBudget } from '../../evaluation/sensitivity.ts'
import { parseClasses, pruneFile } from '../../pipeline/prune-file.ts'
import { pruneModel } from '../../pipeline/prune-model.ts'
import { type ClassReport, prunedFractions, type Selection } from '../../pruning/index.ts'
import { checkOutput } from '../../storage/outputs.ts'
import type { PruneFlags } from '../commands/prune.ts'
import { noteConvergence } from '../note-convergence.ts'
import { note, percent, print, printJson, table, thousands } from '../output.ts'
import { readYamlFile } from '../yaml.ts'

export async function pruneAction(model: string, flags: PruneFlags): Promise<void> {
  checkUsage(model, flags)
  const report = model.endsWith('.safetensors') ? await pruneTensors(model, flags) : await pruneDirectory(model, flags)
  if (flags.json) printJson(report)
  else print(pruningTable(report))
}

/** Options that need or exclude each other. */
function checkUsage(model: string, flags: PruneFlags): void {
  const { fraction, pattern, block, scheme = 'class-blind', seed, budget, data, classes, maskOut } = flags
  const refuse = (message: string) => {
    throw new UserError('usage', message)
  }
  if (fraction === undefined && pattern === undefined) refuse('--fraction is missing (or --pattern, which decides it)')
  if (fraction !== undefined && pattern !== undefined) refuse('--pattern decides the fraction: leave out --fraction')
  if (pattern !== undefined && block !== undefined) refuse('--pattern and --block exclude each other')
  if (pattern !== undefined && budget !== undefined)
    refuse('--pattern decides the fraction of every class: leave out --budget')
  if (seed !== undefined && scheme !== 'random') refuse(`--seed is for --scheme random; ${scheme} needs none`)
  if (model.endsWith('.safetensors')) {
    if (classes === undefined) refuse(`${model} is a file: name its weight classes with --classes`)
    if (budget !== undefined || data !== undefined)
      refuse(`--budget and --data are for a model directory; ${model} is a file`)
    return
  }
  if (classes !== undefined || maskOut !== undefined)
    refuse(`--classes and --mask-out are for a .safetensors file; ${model} is a model directory, which has its own`)
  if (budget !== undefined && data === undefined) refuse('--budget sensitivity needs --data to measure on')
  if (data !== undefined && budget === undefined) refuse('--data is for --budget sensitivity')
}

const selectionOf = ({ scheme = 'class-blind', fraction = 0, block, pattern, only, except, seed = 1 }: PruneFlags) =>
  ({ scheme, fraction, block, pattern, only, except, seed }) satisfies Selection

async function pruneTensors(file: string, flags: PruneFlags): Promise<ClassReport[]> {
  const { out, maskOut, force, classes = '' } = flags
  const patterns = parseClasses(await readYamlFile(classes), classes)
  return pruneFile(file, { ...selectionOf(flags), out, maskOut, force, classes: patterns })
}

async function pruneDirectory(model: string, flags: PruneFlags): Promise<ClassReport[]> {
  const { out, force, data } = flags
  await checkOutput(out, { kind: 'directory', force, others: [model, data] })
  const selection = selectionOf(flags)
  noteConvergence(model, await readManifest(model))
  if (data === undefined) return pruneModel(model, { ...selection, out, force })
  const corpus = await openPrepared(data)
  note('measuring how sensitive each class is')
  const opened = await readModel(model)
  assertSameVocabularies(opened, corpus)
  const found = await measureSensitivity(opened, corpus.valid)
  const budget = sensitivityBudget(found, selection.fraction, selection)
  return pruneModel(opened, { ...selection, out, force, budget })
}

function pruningTable(report: readonly ClassReport[]): string {
  const row = (name: string, weights: number, pruned: number, largest: number) => [
    name,
    thousands(weights),
    percent(pruned / weights),
    largest.toFixed(5),
  ]
  const rows = report.map(c => row(c.name, c.weights, c.pruned, c.largestPruned))
  const sum = (key: 'weights' | 'pruned') => report.reduce((n, c) => n + c[key], 0)
  rows.push(row('all', sum('weights'), sum('pruned'), Math.max(...report.map(c => c.largestPruned))))
  const text = table(['class', 'weights', 'pruned', 'largest pruned |w|'], rows)
  if (report.every(({ chosen }) => chosen)) return text
  const { chosen, all } = prunedFractions(report)
  return `${text}\nof the weights of the chosen classes ${percent(chosen)} are pruned, of all weights ${percent(all)}`
}
