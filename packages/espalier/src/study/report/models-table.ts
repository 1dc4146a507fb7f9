/** The models as a table in the terms of those who would use them: what is left, what it weighs, how it translates, how fast. */
import { escapeXml } from '../drawing.ts'
import type { MeasuredModel } from '../figures/measured.ts'
import { fixed, grouped, percent, perplexityText, probability, signed } from '../format.ts'
import type { StudyResults } from '../results.ts'

interface Column {
  readonly head: string
  /** Nothing where the number is not known: a column of nothing is left out. */
  cell(model: MeasuredModel): string | undefined
}

const speed = (words: number | undefined) => (words === undefined ? undefined : grouped(words))

/** @param tests the test sets: scores of each by itself where there are several */
function columnsOf(tests: StudyResults['tests']): Column[] {
  const sets = tests.length > 1 ? tests : []
  return [
    {
      head: 'weights kept',
      cell: ({ sparsity, kept }) => `${percent(1 - sparsity)} (${(kept / 1e6).toFixed(2)}\u00a0M)`,
    },
    { head: 'MB, packed', cell: ({ packed }) => packed && fixed(packed.bytes / 1e6) },
    {
      head: 'BLEU [95 %]',
      cell: ({ bleu: { mean, deviation, low, high } }) =>
        `${fixed(mean)}${deviation === undefined ? '' : `\u00a0±\u00a0${fixed(deviation)}`} [${fixed(low, 1)},\u00a0${fixed(high, 1)}]`,
    },
    {
      head: 'minus unpruned [95 %]',
      cell: ({ fromDense }) =>
        fromDense && `${signed(fromDense.difference)} [${signed(fromDense.low, 1)},\u00a0${signed(fromDense.high, 1)}]`,
    },
    { head: 'BLEU, packed', cell: ({ packed }) => packed && fixed(packed.bleu.mean) },
    { head: 'chrF', cell: ({ chrf }) => fixed(chrf.mean, 1) },
    { head: 'words/s, Node', cell: ({ packed }) => speed(packed?.wordsPerSecond) },
    { head: 'words/s, browser', cell: ({ packed }) => speed(packed?.browser?.wordsPerSecond) },
    { head: 'memory, MB', cell: ({ packed }) => packed && fixed(packed.memory / 1e6, 1) },
    { head: 'perplexity', cell: ({ perplexity }) => perplexityText(perplexity.mean) },
    { head: 'of training text', cell: ({ trainPerplexity }) => perplexityText(trainPerplexity.mean) },
    { head: 'p', cell: ({ fromDense }) => fromDense && probability(fromDense.pValue).replace('= ', '') },
    ...sets.map(({ name }) => ({
      head: `BLEU ${name}`,
      cell: (model: MeasuredModel) => {
        const own = model.tests.find(test => test.name === name)
        return own && fixed(own.bleu.mean)
      },
    })),
  ]
}

/** The kinds of models, in the order of the table. */
const TITLES: Readonly<Record<string, string>> = {
  baseline: 'Unpruned',
  retrained: 'Pruned at once and retrained',
  schedule: 'Other schedules of pruning and retraining',
  control: 'Controls: unpruned, trained on',
  scratch: 'Trained from scratch with a sparse structure',
  small: 'Small and dense, of as many weights',
  layer: 'One layer pruned alone and retrained',
  pruned: 'Pruned, not retrained',
}

/** All models that were trained; those that are only pruned, which are many, in a table that opens. */
export function modelsHtml(models: readonly MeasuredModel[], tests: StudyResults['tests']): string {
  const columns = columnsOf(tests)
  const trained = models.filter(({ group }) => group !== 'pruned')
  const pruned = models.filter(({ group }) => group === 'pruned')
  const rest =
    pruned.length === 0
      ? ''
      : `<details><summary>Pruned without retraining: ${pruned.length} models</summary>${table(pruned, columns, 'Models pruned without retraining')}</details>`
  return `${table(trained, columns, 'The unpruned model, and all that were trained after it')}\n${rest}`
}

function table(models: readonly MeasuredModel[], all: readonly Column[], caption: string): string {
  const columns = all.filter(column => models.some(model => column.cell(model) !== undefined))
  const heads = columns.map(({ head }) => `<th class="n" scope="col">${escapeXml(head)}</th>`).join('')
  const groups = [...new Set([...Object.keys(TITLES), ...models.map(({ group }) => group)])]
  const bodies = groups.flatMap(group => {
    const members = models.filter(model => model.group === group)
    if (members.length === 0) return []
    const rows = members.map(model => row(model, columns)).join('\n')
    return [
      `<tbody class="group"><tr><th scope="rowgroup" colspan="${columns.length + 1}">${escapeXml(TITLES[group] ?? group)}</th></tr>\n${rows}</tbody>`,
    ]
  })
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeXml(caption)}"><table><caption>${escapeXml(caption)}</caption>
<thead><tr><th scope="col">Model</th>${heads}</tr></thead>
${bodies.join('\n')}</table></div>`
}

const row = (model: MeasuredModel, columns: readonly Column[]) =>
  `<tr><th scope="row">${escapeXml(model.id)}</th>${columns.map(column => `<td class="n">${escapeXml(column.cell(model) ?? '')}</td>`).join('')}</tr>`
