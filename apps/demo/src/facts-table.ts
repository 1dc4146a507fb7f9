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

/** How a folder's models get theirs. */
const UNMEASURED = 'BLEU was not measured: espalier pack --evaluate DATA writes it into a file. '

const COLUMNS = ['Model', 'Weights left', 'File', 'BLEU', 'Words per second']

export class FactsTable {
  readonly #speeds = new Map<Description, Speed>()
  readonly #models: readonly Description[]
  readonly #dense: Description | undefined
  #live: Description | undefined

  /** @param models in the order in which they are shown */
  constructor(list: ModelList, models: readonly Description[], dense: Description | undefined) {
    this.#models = models
    this.#dense = dense
    this.#draw()
    const measured = list.models.some(({ bleu }) => bleu !== undefined)
    const text = list.text ? `Models of ${list.text}. ` : ''
    byId('facts-note').textContent =
      `${text}${measured ? 'BLEU is of sentences that no model has seen, measured on these very files. ' : UNMEASURED}` +
      'A file is compared with 4 bytes for each weight, pruned or not.'
  }

  /** The visitor's model, once there is one. */
  setLive(model: Description | undefined): void {
    this.#live = model
    this.#draw()
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
    const models = this.#live ? [...this.#models, this.#live] : this.#models
    const heads = COLUMNS.map(title => element('th', { scope: 'col', role: 'columnheader' }, title))
    const fastest = Math.max(...[...this.#speeds.values()].map(({ together }) => together), 1)
    const largest = Math.max(...models.map(({ bytes }) => bytes), 1)
    const rows = models.map(model =>
      element(
        'tr',
        { role: 'row' },
        element('th', { scope: 'row', role: 'rowheader' }, model.label, detail(kindOf(model))),
        ...[
          weights(model),
          file(model, largest),
          bleu(model, this.#dense),
          speed(this.#speeds.get(model), fastest),
        ].map((fact, i) => cell(fact, COLUMNS[i + 1])),
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
    detail: dense === undefined ? undefined : `${percent(model.bytes / dense)} of 4 bytes a weight`,
    bar: model.bytes / largest,
  }
}

function bleu(model: Description, dense: Description | undefined): Fact | undefined {
  if (model.bleu === undefined) return undefined
  const detail = model === dense || dense?.bleu === undefined ? undefined : `unpruned: ${dense.bleu.toFixed(1)}`
  return { main: model.bleu.toFixed(1), detail, bar: model.bleu / 100 }
}

function speed(measured: Speed | undefined, fastest: number): Fact | undefined {
  if (!measured) return undefined
  return {
    main: count(measured.together),
    detail: `${count(measured.single)} one sentence at a time`,
    bar: measured.together / fastest,
  }
}
