/** The page: what was typed is translated by every model, and every part shows its side of that. */
import { AttentionView } from './attention.ts'
import { showChoice } from './choice.ts'
import { Comparison } from './comparison.ts'
import { byId, element, setMessage } from './dom.ts'
import { FactsTable } from './facts-table.ts'
import { count, milliseconds, plural, size } from './format.ts'
import { Latest } from './latest.ts'
import { type Description, fetchList, languageName, type ModelList } from './list.ts'
import { offerMeasuring } from './measuring.ts'
import { errorMessage, ModelLoader } from './model-loader.ts'
import { watchScrollers } from './scroll.ts'
import { EXAMPLES } from './sentences.ts'
import { readSentences, type Sentences } from './text.ts'
import { type Translated, translateText } from './translate.ts'
import { Tree } from './tree.ts'
import { WeightsView } from './weights.ts'

/** Long enough that a word is not translated letter by letter. */
const TYPING_PAUSE_MS = 180

class Page {
  readonly #loader: ModelLoader
  readonly #latest = new Latest()
  readonly #comparison: Comparison
  readonly #attention = new AttentionView()
  readonly #weights = new WeightsView()
  readonly #tree = new Tree(byId('tree'))
  readonly #text = byId<HTMLTextAreaElement>('text')
  readonly #output = byId<HTMLOutputElement>('output')
  #chosen: Description

  constructor(list: ModelList) {
    this.#loader = new ModelLoader(list.models)
    // A pruned one first: it is here sooner, too.
    this.#chosen = list.models[1] ?? list.models[0]
    showChoice(this.#loader, this.#chosen, model => this.#choose(model))
    this.#comparison = new Comparison(this.#loader)
    offerMeasuring(this.#loader, new FactsTable(list))
    this.#showLanguages(list.models)
    this.#showExamples(list.examples ?? EXAMPLES)
    this.#text.addEventListener('input', () => this.#ask(TYPING_PAUSE_MS))
    this.#loader.onChange((_, { kind }) => {
      if (kind === 'ready' || kind === 'failed') this.#ask(0)
    })
    watchScrollers()
    this.#choose(this.#chosen)
    void this.#loader.load(this.#chosen)
  }

  #choose(model: Description): void {
    this.#chosen = model
    const { kept, weights } = model
    this.#tree.show(kept === undefined || !weights ? 1 : kept / weights)
    void this.#weights.show(model)
    byId<HTMLAnchorElement>('minimal').search = `?${new URLSearchParams({ model: `models/${model.file}` })}`
    this.#ask(0)
  }

  #ask(wait: number): void {
    this.#latest.ask(wait, signal => this.#translate(signal))
  }

  /** By the chosen model first, then by the others. */
  async #translate(signal: AbortSignal): Promise<void> {
    const sentences = readSentences(this.#text.value)
    const chosen = this.#chosen
    const state = this.#loader.state(chosen)
    setMessage(byId('model-error'), state.kind === 'failed' ? `${chosen.label}: ${state.message}` : undefined)
    if (state.kind !== 'ready') {
      this.#output.textContent = ''
      byId('output-hint').textContent = state.kind === 'failed' ? '' : `${chosen.label} is still loading.`
      setMessage(byId('notice'), undefined)
      this.#attention.show([], true)
    }
    for (const model of [chosen, ...this.#loader.models.filter(model => model !== chosen)]) {
      const translator = this.#loader.translator(model)
      if (!translator) continue
      const attention = model === chosen && translator.hasAttention
      const onPart = model === chosen ? (text: string) => this.#show(text) : undefined
      const result = await translateText(translator, sentences, { signal, attention, onPart })
      if (model === chosen) this.#showResult(sentences, result, translator.hasAttention)
      this.#comparison.set(model, sentences, result)
    }
  }

  #show(text: string): void {
    if (this.#output.textContent !== text) this.#output.textContent = text
  }

  #showResult(sentences: Sentences, { text, translations, words, ms }: Translated, hasAttention: boolean): void {
    this.#show(text)
    byId('output-hint').textContent = words === 0 ? '' : `${plural(words, 'word')} in ${milliseconds(ms)}`
    const cut = translations.some(translation => translation.truncated)
    setMessage(
      byId('notice'),
      sentences.cut
        ? `The text is long: only its first ${plural(sentences.all.length, 'sentence')} ${sentences.all.length === 1 ? 'was' : 'were'} translated; the end was left out.`
        : cut
          ? 'A sentence is too long: it was translated up to its 200th word; the end was left out.'
          : undefined,
    )
    this.#attention.show(translations, hasAttention)
  }

  #showExamples(examples: readonly string[]): void {
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

  #showLanguages(models: readonly Description[]): void {
    const [source, target] = models.find(({ languages }) => languages)?.languages ?? []
    if (!source || !target) return
    byId('text-label').textContent = languageName(source)
    byId('output-label').textContent = languageName(target)
    this.#text.lang = source
    this.#output.lang = target
    const smallest = Math.min(...models.map(({ bytes }) => bytes))
    byId('lede').textContent =
      `${count(models.length)} ${languageName(source)}–${languageName(target)} translators, the same network with ever ` +
      `fewer of its weights; the smallest is ${size(smallest)}. They run in this page: nothing that you type leaves it.`
  }
}

fetchList().then(
  list => new Page(list),
  error => setMessage(byId('page-error'), `There are no models to show. ${errorMessage(error)}`),
)
