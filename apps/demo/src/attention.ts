/** The attention of one sentence as a table: a row for each word of the translation, a column for each of the source. */
import type { Translation } from '@espalier/runtime'
import { byId, element, setMessage } from './dom.ts'
import { plural } from './format.ts'

/** Words of a side that are shown at most: greater tables help nobody. */
const MOST_WORDS = 40
/** Shares below this are written, but not shown. */
const FAINT = 0.05

export class AttentionView {
  #translations: readonly Translation[] = []
  readonly #choice = byId<HTMLSelectElement>('sentence')

  constructor() {
    this.#choice.addEventListener('change', () => this.#draw())
  }

  /** @param hasAttention whether the model has any */
  show(translations: readonly Translation[], hasAttention: boolean): void {
    this.#translations = translations.filter(({ attention }) => attention && attention.length > 0)
    const chosen = Math.min(Math.max(0, this.#choice.selectedIndex), Math.max(0, this.#translations.length - 1))
    this.#choice.replaceChildren(
      ...this.#translations.map(({ text }, i) => element('option', {}, `${i + 1}: ${shorten(text)}`)),
    )
    this.#choice.selectedIndex = chosen
    byId('sentence-label').hidden = this.#translations.length < 2
    byId('attention-hint').hidden = !hasAttention
    this.#draw()
    if (!hasAttention) setMessage(byId('attention-note'), 'This model has no attention.')
  }

  #draw(): void {
    const table = byId<HTMLTableElement>('attention')
    const translation = this.#translations[Math.max(0, this.#choice.selectedIndex)]
    table.replaceChildren()
    table.hidden = !translation
    if (translation) this.#fill(table, translation)
    else setMessage(byId('attention-note'), 'There is nothing to show yet: type a sentence.')
  }

  #fill(table: HTMLTableElement, translation: Translation): void {
    const { sourceTokens = [], attention = [], tokens } = translation
    const columns = [...sourceTokens.slice(0, MOST_WORDS).map(showToken), 'end of sentence']
    const head = element('tr', {}, element('td', { class: 'corner' }))
    for (const column of columns) head.append(element('th', { scope: 'col' }, element('span', { dir: 'auto' }, column)))
    const body = element('tbody')
    attention.slice(0, MOST_WORDS + 1).forEach((shares, i) => {
      const row = element('tr', {}, element('th', { scope: 'row', dir: 'auto' }, showToken(tokens[i] ?? 'end')))
      // The last share is that of the end, whatever of the middle is shown.
      row.append(...columns.map((_, j) => cell(shares[j < columns.length - 1 ? j : shares.length - 1] ?? 0)))
      body.append(row)
    })
    const caption = element('caption', { class: 'hidden' }, 'Attention of each word of the translation, in percent')
    table.append(caption, element('thead', {}, head), body)
    const left = Math.max(sourceTokens.length, tokens.length) - MOST_WORDS
    setMessage(byId('attention-note'), left > 0 ? `${plural(left, 'word')} more are not shown.` : undefined)
  }
}

function cell(share: number): HTMLTableCellElement {
  const number = String(Math.round(100 * share))
  const made = element('td')
  made.style.setProperty('--share', String(share))
  made.append(share < FAINT ? element('span', { class: 'hidden' }, number) : number)
  return made
}

/** Tokens can be as long as a text. */
const showToken = (token: string) => shorten(token, 24)

function shorten(text: string, most = 40): string {
  const characters = [...text.slice(0, 2 * most)]
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text
}
