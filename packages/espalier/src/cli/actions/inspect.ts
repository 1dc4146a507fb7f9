/** `inspect`: a model's weight classes, or what the bytes of a packed file hold. */
import { parameterSpecs } from '@espalier/runtime/architectures'
import { sizeOf } from '@espalier/runtime/packed'
import { modelClasses, readModel } from '../../checkpoint/model-directory.ts'
import { isPacked } from '../../checkpoint/packed-file.ts'
import { describeClasses } from '../../pruning/index.ts'
import type { JsonFlag } from '../option-groups.ts'
import { percent, print, printJson, table, thousands } from '../output.ts'
import { showPacked } from '../show-packed.ts'

export async function inspectAction(path: string, { json = false }: JsonFlag): Promise<void> {
  if (await isPacked(path)) return showPacked(path, json)
  const model = await readModel(path)
  const classes = describeClasses(modelClasses(model), model.mask)
  const biases = parameterSpecs(model.config.model)
    .filter(({ weightClass }) => !weightClass)
    .reduce((n, { shape }) => n + sizeOf(shape), 0)
  if (json) return printJson({ config: model.config, classes, biases })
  print(classTable(classes, biases))
}

function classTable(classes: ReturnType<typeof describeClasses>, biases: number): string {
  const rows = classes.map(c => [
    c.name,
    c.tensors.map(({ shape }) => shape.join('×')).join(' + '),
    thousands(c.weights),
    percent(c.sparsity),
    c.sigma.toFixed(4),
    c.largestKept.toFixed(4),
    c.smallestKept.toExponential(1),
  ])
  const weights = classes.reduce((n, c) => n + c.weights, 0)
  const kept = classes.reduce((n, c) => n + c.kept, 0)
  const total = `${thousands(weights)} weights in ${classes.length} classes, ${percent(1 - kept / weights)} pruned; and ${thousands(biases)} biases`
  return `${table(['class', 'shapes', 'weights', 'sparsity', 'σ', 'largest |w|', 'smallest kept |w|'], rows)}\n${total}`
}
