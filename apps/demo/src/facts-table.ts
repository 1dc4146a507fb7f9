/** What pruning did to each model, as a table: weights, bytes, quality, and speed where it was measured. */
import { byId, element } from './dom.ts'
import { count, percent, size } from './format.ts'
import { type Description, denseBytes, type ModelList } from './list.ts'
import type { Speed } from './measure.ts'

/** What stands in a cell: a number, what it means, and the length of the bar below it. */
interface Fact {
  readonly main: string
  readonly detail?: string
  readonly bar?: number
}

const COLUMNS = ['Model', 'Weights left', 'File', 'BLEU', 'Words per second']

export class FactsTable {
  readonly #speeds = new Map<Description, Speed>()

  constructor(readonly list: ModelList) {
    this.#draw()
    const measured = list.models.some(({ bleu }) => bleu !== undefined)
    const text = list.text ? `Models of ${list.text}. ` : ''
    byId('facts-note').textContent =
      `${text}${measured ? 'BLEU is of sentences that no model has seen, measured on these very files. ' : ''}` +
      'Files are compared with 4 bytes for each weight.'
  }

  setSpeed(model: Description, speed: Speed): void {
    this.#speeds.set(model, speed)
    this.#draw()
  }

  clearSpeeds(): void {
    this.#speeds.clear()
    this.#draw()
  }

  #draw(): void {
    const heads = COLUMNS.map(title => element('th', { scope: 'col', role: 'columnheader' }, title))
    const fastest = Math.max(...[...this.#speeds.values()].map(({ together }) => together), 1)
    const largest = Math.max(...this.list.models.map(({ bytes }) => bytes), 1)
    const rows = this.list.models.map(model =>
      element(
        'tr',
        { role: 'row' },
        element('th', { scope: 'row', role: 'rowheader' }, model.label, detail(kindOf(model))),
        ...[weights(model), file(model, largest), bleu(model), speed(this.#speeds.get(model), fastest)].map((fact, i) =>
          cell(fact, COLUMNS[i + 1]),
        ),
      ),
    )
    const caption = element('caption', { class: 'hidden' }, 'What pruning did to each model')
    const table = byId('facts')
    table.setAttribute('role', 'table')
    table.replaceChildren(
      caption,
      element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads)),
      element('tbody', { role: 'rowgroup' }, ...rows),
    )
  }
}

const detail = (text: string) => element('span', { class: 'detail' }, text)

/** Roles are written out, because on a phone the style sheet takes the table apart; there `column` stands in the cell. */
function cell(fact: Fact | undefined, column: string): HTMLTableCellElement {
  const attributes = { role: 'cell', 'data-column': column }
  if (!fact) return element('td', attributes, detail('not measured'))
  const bar = fact.bar === undefined ? undefined : element('span', { class: 'bar', 'aria-hidden': 'true' })
  bar?.style.setProperty('--length', `${100 * fact.bar!}%`)
  return element('td', attributes, fact.main, bar, fact.detail !== undefined && detail(fact.detail))
}

function kindOf({ values = [], block }: Description): string {
  const written = values.join(', ')
  return block ? `${written}, blocks ${block.join(' × ')}` : written
}

function weights({ kept, weights }: Description): Fact | undefined {
  if (kept === undefined || weights === undefined) return undefined
  return { main: percent(kept / weights), detail: count(kept), bar: kept / weights }
}

function file(model: Description, largest: number): Fact {
  const dense = denseBytes(model)
  return {
    main: size(model.bytes),
    detail: dense === undefined ? undefined : `${percent(model.bytes / dense)} of dense f32`,
    bar: model.bytes / largest,
  }
}

const bleu = ({ bleu }: Description): Fact | undefined => (bleu === undefined ? undefined : { main: bleu.toFixed(1) })

function speed(measured: Speed | undefined, fastest: number): Fact | undefined {
  if (!measured) return undefined
  return {
    main: count(measured.together),
    detail: `${count(measured.single)} one sentence at a time`,
    bar: measured.together / fastest,
  }
}
