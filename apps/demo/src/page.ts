/** The page: what was typed is translated by the models that are loaded, and every part shows its side of that. */
import { AttentionView } from './attention.ts'
import { showDifferences } from './differences.ts'
import { byId, element, setMessage } from './dom.ts'
import { FactsTable } from './facts-table.ts'
import { milliseconds, plural } from './format.ts'
import { headline } from './headline.ts'
import { Latest } from './latest.ts'
import { type Description, inOrder, languageName, type ModelList } from './list.ts'
import type { LiveModel } from './live/live-model.ts'
import { openLive } from './live/open.ts'
import { offerMeasuring } from './measuring.ts'
import { ModelLoader } from './model-loader.ts'
import { ModelRows } from './model-rows.ts'
import { watchScrollers } from './scroll.ts'
import { readSentences, type Sentences } from './text.ts'
import { drawTradeoff } from './tradeoff.ts'
import { type Translated, translateText } from './translate.ts'
import { Tree } from './tree.ts'
import { UnknownWords } from './unknown-words.ts'
import { WeightsView } from './weights.ts'
import { startModelWorker } from './workers/start.ts'

/** Long enough that a word is not translated letter by letter. */
const TYPING_PAUSE_MS = 180

export class Page {
  readonly #loader: ModelLoader
  readonly #latest = new Latest()
  readonly #rows: ModelRows
  readonly #attention = new AttentionView()
  readonly #weights: WeightsView
  readonly #unknown: UnknownWords
  readonly #tree = new Tree(byId('tree'))
  readonly #text = byId<HTMLTextAreaElement>('text')
  readonly #output = byId<HTMLOutputElement>('output')
  readonly #live: LiveModel | undefined
  readonly #dense: Description | undefined
  #chosen: Description
  #sentences: Sentences | undefined

  constructor(list: ModelList) {
    const { models, dense } = inOrder(list.models)
    const worker = startModelWorker()
    const live = openLive(list, dense, worker)
    const all = live ? [...models.slice(0, 2), live.description, ...models.slice(2)] : models
    this.#dense = dense
    this.#chosen = models[0]
    this.#loader = new ModelLoader(all)
    this.#weights = new WeightsView(worker, this.#loader)
    this.#unknown = new UnknownWords(worker, this.#loader, list.domain)
    this.#rows = new ModelRows(this.#loader, { dense, onChoose: model => this.#choose(model) })
    const facts = new FactsTable(list, models, dense)
    offerMeasuring(this.#loader, facts, () => list.measured ?? readSentences(this.#text.value).all)
    this.#live = live?.begin(this.#loader, {
      onTouch: () => this.#choose(live.description),
      onChange: () => this.#liveChanged(live.description, facts, all),
    })
    this.#showLanguages(list)
    this.#showExamples(list.examples ?? [])
    drawTradeoff(all)
    this.#text.addEventListener('input', () => this.#ask(TYPING_PAUSE_MS))
    this.#loader.onChange((model, { kind }) => {
      if (model.live) this.#rows.forget(model)
      if (kind === 'ready' && model === this.#chosen) void this.#weights.show(model)
      if (kind === 'ready' || kind === 'failed') this.#ask(0)
    })
    watchScrollers()
    this.#choose(this.#chosen)
    void this.#begin()
  }

  /** The first model; then the one beside it, which is also what a visitor prunes. */
  async #begin(): Promise<void> {
    await this.#loader.need(this.#chosen)
    if (!this.#dense) return
    await this.#loader.need(this.#dense)
    await this.#live?.open(this.#dense)
  }

  #choose(model: Description): void {
    this.#chosen = model
    this.#rows.choose(model)
    this.#showTree()
    void this.#loader.need(model)
    if (this.#loader.translator(model)) void this.#weights.show(model)
    if (!model.live)
      byId<HTMLAnchorElement>('minimal').search = `?${new URLSearchParams({ model: `models/${model.file}` })}`
    this.#ask(0)
  }

  #liveChanged(model: Description, facts: FactsTable, all: readonly Description[]): void {
    facts.setLive(this.#live?.touched ? model : undefined)
    drawTradeoff(all)
    if (model === this.#chosen) this.#showTree()
    this.#showBy()
  }

  #showTree(): void {
    const { kept, weights } = this.#chosen
    this.#tree.show(kept === undefined || !weights ? 1 : kept / weights)
  }

  #ask(wait: number): void {
    this.#latest.ask(wait, signal => this.#translate(signal))
  }

  /** By the chosen model first, then by the others. */
  async #translate(signal: AbortSignal): Promise<void> {
    const { value } = this.#text
    if (this.#sentences?.text !== value) this.#sentences = readSentences(value)
    const sentences = this.#sentences
    const chosen = this.#chosen
    this.#showState(chosen)
    const known = this.#loader.models.find(model => !model.live && this.#loader.translator(model))
    if (known) void this.#unknown.show(known)
    for (const model of [chosen, ...this.#loader.models.filter(model => model !== chosen)]) {
      const translator = this.#loader.translator(model)
      if (!translator) continue
      let result = this.#rows.result(model, sentences)
      if (!result) {
        const onPart = model === chosen ? (text: string) => this.#show(text) : undefined
        result = await translateText(translator, sentences, { signal, attention: translator.hasAttention, onPart })
        this.#rows.set(model, sentences, result)
      }
      if (model === chosen) this.#showResult(sentences, result, translator.hasAttention)
      if (model === this.#dense) this.#showReference(sentences)
    }
  }

  #showState(chosen: Description): void {
    const state = this.#loader.state(chosen)
    setMessage(byId('model-error'), state.kind === 'failed' ? `${chosen.label}: ${state.message}` : undefined)
    this.#showBy()
    if (state.kind === 'ready') return
    this.#output.textContent = ''
    byId('output-hint').textContent = state.kind === 'failed' ? '' : `${chosen.label} is still loading.`
    setMessage(byId('notice'), undefined)
    this.#attention.show([], true)
  }

  /** Whose the translation is. */
  #showBy(): void {
    const { label, live } = this.#chosen
    byId('by').textContent = live && this.#live ? this.#live.summary() : label
  }

  #show(text: string): void {
    if (this.#output.textContent !== text) this.#output.textContent = text
  }

  #showResult(sentences: Sentences, { text, translations, words, ms }: Translated, hasAttention: boolean): void {
    this.#show(text)
    this.#showReference(sentences)
    byId('output-hint').textContent = words === 0 ? '' : `${plural(words, 'word')} in ${milliseconds(ms)}`
    const cut = translations.some(translation => translation.truncated)
    const count = sentences.all.length
    setMessage(
      byId('notice'),
      sentences.cut
        ? `The text is long: only its first ${plural(count, 'sentence')} ${count === 1 ? 'was' : 'were'} translated; the end was left out.`
        : cut
          ? 'A sentence is too long: it was translated up to its 200th word; the end was left out.'
          : undefined,
    )
    this.#attention.show(translations, hasAttention)
  }

  /** What the dense model makes of the same text, and the words in which it differs. */
  #showReference(sentences: Sentences): void {
    const chosen = this.#chosen
    const own = this.#rows.result(chosen, sentences)
    const reference = chosen === this.#dense || !this.#dense ? undefined : this.#rows.result(this.#dense, sentences)
    if (own && reference) showDifferences(this.#output, own.text, reference.text)
    const place = byId('reference')
    place.hidden = !reference?.text
    byId('reference-text').textContent = reference?.text ?? ''
  }

  #showExamples(examples: readonly string[]): void {
    byId('examples-part').hidden = examples.length === 0
    for (const example of examples) {
      const button = element('button', { type: 'button', class: 'example' }, example)
      button.addEventListener('click', () => {
        this.#text.value = example
        this.#ask(0)
      })
      byId('examples').append(element('li', {}, button))
    }
    // Unless somebody was quicker, or the browser kept what was there.
    if (this.#text.value === '') this.#text.value = examples[0] ?? ''
  }

  #showLanguages(list: ModelList): void {
    byId('lede').textContent = headline(list)
    const [source, target] = list.models.find(({ languages }) => languages)?.languages ?? []
    if (!source || !target) return
    byId('text-label').textContent = languageName(source)
    byId('output-label').textContent = languageName(target)
    this.#text.lang = source
    this.#output.lang = target
    byId('reference-text').lang = target
  }
}
