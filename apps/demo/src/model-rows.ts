/** The models, one below the other: which is looked at, how far each is loaded, and what each makes of the text. */
import { showDifferences } from './differences.ts'
import { byId, element } from './dom.ts'
import { milliseconds, percent, plural, score, size } from './format.ts'
import { type Description, isDense, isSound } from './list.ts'
import type { LoadState, ModelLoader } from './model-loader.ts'
import type { Sentences } from './text.ts'
import type { Translated } from './translate.ts'

interface Row {
  readonly radio: HTMLInputElement
  readonly state: HTMLElement
  readonly progress: HTMLProgressElement
  readonly text: HTMLElement
  readonly numbers: HTMLElement
}

interface Result {
  readonly of: Sentences
  readonly translated: Translated
}

export class ModelRows {
  readonly #loader: ModelLoader
  readonly #reference: Description
  readonly #dense: Description | undefined
  readonly #rows = new Map<Description, Row>()
  readonly #results = new Map<Description, Result>()

  /**
   * @param options.dense the model that others are compared with, if there is one
   * @param options.onChoose is called with what the visitor chooses to look at
   */
  constructor(
    loader: ModelLoader,
    { dense, onChoose }: { readonly dense?: Description; onChoose(model: Description): void },
  ) {
    this.#loader = loader
    this.#dense = dense
    this.#reference = dense ?? loader.models[0]
    for (const [i, model] of loader.models.entries()) {
      const row = makeRow(model, i)
      row.radio.addEventListener('change', () => onChoose(model))
      this.#rows.set(model, row)
      this.#showState(model)
      this.#showResult(model)
    }
    loader.onChange(model => {
      this.#showState(model)
      this.#showResult(model)
    })
    this.#loadWhenSeen()
  }

  /** What a model made of a text, if it has. */
  result(model: Description, of: Sentences): Translated | undefined {
    const found = this.#results.get(model)
    return found?.of === of ? found.translated : undefined
  }

  /** Drops what a model made of a text, for it has changed. */
  forget(model: Description): void {
    this.#results.delete(model)
  }

  choose(model: Description): void {
    const row = this.#rows.get(model)
    if (row) row.radio.checked = true
  }

  /** @param of what was translated: only translations of the same are compared */
  set(model: Description, of: Sentences, translated: Translated): void {
    this.#results.set(model, { of, translated })
    for (const each of this.#loader.models) this.#showResult(each)
  }

  /** Fetches all models once the list of them comes near the screen. */
  #loadWhenSeen(): void {
    const observer = new IntersectionObserver(
      async ([entry]) => {
        if (!entry.isIntersecting) return
        observer.disconnect()
        for (const model of this.#loader.models) await this.#loader.need(model)
      },
      { rootMargin: '100px' },
    )
    observer.observe(byId('comparison'))
  }

  #showState(model: Description): void {
    const row = this.#rows.get(model)
    if (!row) return
    const state = this.#loader.state(model)
    row.progress.hidden = state.kind !== 'loading'
    row.state.classList.toggle('failed', state.kind === 'failed')
    if (state.kind === 'loading') row.progress.value = shareLoaded(model, state)
    row.state.textContent = stateText(model, state, this.#dense)
  }

  #showResult(model: Description): void {
    const row = this.#rows.get(model)
    if (!row) return
    const found = this.#results.get(model)
    if (!found) {
      const state = this.#loader.state(model)
      row.text.replaceChildren()
      row.numbers.textContent = state.kind === 'failed' ? state.message : ''
      return
    }
    const { text, score: mean, ms } = found.translated
    const reference = model === this.#reference ? undefined : this.result(this.#reference, found.of)
    const differing = reference && showDifferences(row.text, text, reference.text)
    if (!reference) row.text.replaceChildren(text)
    row.numbers.textContent = [
      mean === undefined ? 'nothing to translate' : `score ${score(mean)}`,
      milliseconds(ms),
      ...(differing === undefined ? [] : [agreement(differing, this.#reference)]),
    ].join(' · ')
  }
}

function makeRow(model: Description, i: number): Row {
  const radio = element('input', { type: 'radio', name: 'model', id: `model-${i}`, 'aria-describedby': `state-${i}` })
  const state = element('span', { id: `state-${i}`, class: 'state' })
  const progress = element('progress', { 'aria-label': `Loading ${model.label}`, max: '1' })
  const text = element('p', { class: 'text', dir: 'auto', lang: model.languages?.[1] })
  const numbers = element('p', { class: 'hint' })
  byId('comparison').append(
    element(
      'div',
      { class: 'model' },
      radio,
      element('div', {}, element('label', { for: `model-${i}` }, model.label), state, progress),
      element('div', { class: 'made' }, text, numbers),
    ),
  )
  return { radio, state, progress, text, numbers }
}

function shareLoaded(model: Description, { received, total }: Extract<LoadState, { kind: 'loading' }>): number {
  const all = total ?? model.bytes
  return all > 0 ? Math.min(1, received / all) : 0
}

function stateText(model: Description, state: LoadState, dense: Description | undefined): string {
  switch (state.kind) {
    case 'waiting':
      return model.live ? 'not begun' : `${size(model.bytes)}, fetched when it is needed`
    case 'loading':
      return `${size(state.received)} of ${size(state.total ?? model.bytes)}`
    case 'ready':
      return describe(model, dense)
    case 'failed':
      return 'could not be loaded'
    default:
      return state satisfies never
  }
}

function describe(model: Description, dense: Description | undefined): string {
  const { bytes, kept, weights, bleu } = model
  const parts = [size(bytes)]
  if (kept !== undefined && weights !== undefined)
    parts.push(isDense(model) ? 'all weights' : `${percent(kept / weights)} of weights left`)
  if (bleu !== undefined)
    parts.push(`BLEU ${bleu.toFixed(1)}${isSound(model, dense) === false ? ', worse than unpruned' : ''}`)
  return parts.join(', ')
}

const agreement = (differing: number, reference: Description) =>
  differing === 0 ? `the same as ${reference.label}` : `${plural(differing, 'word')} not as in ${reference.label}`
