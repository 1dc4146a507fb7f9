/** `sensitivity`: each weight class pruned alone. */
import { assertSameVocabularies, readModel } from '../../checkpoint/model-directory.ts'
import { openPrepared } from '../../corpus/prepared.ts'
import { measureSensitivity, type Sensitivity } from '../../evaluation/sensitivity.ts'
import type { SensitivityFlags } from '../commands/sensitivity.ts'
import { note, percent, print, printJson, table } from '../output.ts'

export async function sensitivityAction(model: string, data: string, flags: SensitivityFlags): Promise<void> {
  const { levels, threads, json } = flags
  const corpus = await openPrepared(data)
  const opened = await readModel(model)
  assertSameVocabularies(opened, corpus)
  const found = await measureSensitivity(opened, corpus.valid, {
    levels,
    threads,
    onPoint: point => note(`${point.name} ${percent(point.fraction)}: perplexity ${point.perplexity.toFixed(2)}`),
  })
  if (json) printJson(found)
  else print(sensitivityTable(found))
}

function sensitivityTable({ perplexity, points, weights }: Sensitivity): string {
  const levels = [...new Set(points.map(p => p.fraction))].sort((a, b) => a - b)
  const measured = new Map(points.map(p => [`${p.name} ${p.fraction}`, p.perplexity.toFixed(2)]))
  const rows = Object.keys(weights).map(name => [name, ...levels.map(level => measured.get(`${name} ${level}`) ?? '')])
  return `validation perplexity; ${perplexity.toFixed(2)} with all weights\n${table(['class', ...levels.map(percent)], rows)}`
}
