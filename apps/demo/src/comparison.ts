/** The same text by every model, side by side. */
import { byId, element } from './dom.ts'
import { milliseconds, plural, score } from './format.ts'
import type { Description } from './list.ts'
import type { ModelLoader } from './model-loader.ts'
import type { Sentences } from './text.ts'
import type { Translated } from './translate.ts'

interface Row {
  readonly text: HTMLElement
  readonly numbers: HTMLElement
}

export class Comparison {
  readonly #rows = new Map<Description, Row>()
  readonly #results = new Map<Description, { readonly of: Sentences; readonly result: Translated }>()

  constructor(readonly loader: ModelLoader) {
    for (const model of loader.models) {
      const row = {
        text: element('p', { class: 'text', dir: 'auto', lang: model.languages?.[1] }),
        numbers: element('p', { class: 'hint' }),
      }
      this.#rows.set(model, row)
      byId('comparison').append(element('li', {}, element('h3', {}, model.label), row.text, row.numbers))
      this.#show(model)
    }
    loader.onChange(model => this.#show(model))
  }

  /** @param of what was translated: only translations of the same are compared */
  set(model: Description, of: Sentences, result: Translated): void {
    this.#results.set(model, { of, result })
    for (const each of this.loader.models) this.#show(each)
  }

  #show(model: Description): void {
    const { text, numbers } = this.#rows.get(model)!
    const found = this.#results.get(model)
    if (!found) {
      const state = this.loader.state(model)
      text.replaceChildren()
      numbers.textContent = state.kind === 'failed' ? state.message : state.kind === 'ready' ? '' : 'still loading'
      return
    }
    const first = this.loader.models[0]
    const { result } = found
    const reference = model === first ? undefined : this.#results.get(first)
    const comparable = reference?.of === found.of
    const differing = comparable ? showDifferences(text, result.text, reference.result.text) : undefined
    if (!comparable) text.replaceChildren(result.text)
    numbers.textContent = [
      result.score === undefined ? 'nothing to translate' : `score ${score(result.score)}`,
      milliseconds(result.ms),
      ...(differing === undefined ? [] : [agreement(differing, first)]),
    ].join(' · ')
  }
}

const agreement = (differing: number, first: Description) =>
  differing === 0 ? `the same as ${first.label}` : `${plural(differing, 'word')} not as in ${first.label}`

/** Beyond this many words differences are not looked for: the time grows with the square. */
const MOST_COMPARED = 600

/** Marks the words that are not in the longest common subsequence with `reference`. @returns how many there are */
function showDifferences(place: HTMLElement, text: string, reference: string): number | undefined {
  const [words, others] = [text.split(' '), reference.split(' ')]
  if (Math.max(words.length, others.length) > MOST_COMPARED) {
    place.replaceChildren(text)
    return undefined
  }
  const common = commonWords(words, others)
  place.replaceChildren()
  for (const [i, word] of words.entries()) place.append(i > 0 ? ' ' : '', common[i] ? word : element('mark', {}, word))
  return common.filter(same => !same).length
}

/** Which of `words` are in the longest subsequence that both have. */
function commonWords(words: readonly string[], others: readonly string[]): boolean[] {
  const width = others.length + 1
  const longest = new Uint16Array((words.length + 1) * width)
  for (let i = words.length - 1; i >= 0; i--)
    for (let j = others.length - 1; j >= 0; j--)
      longest[i * width + j] =
        words[i] === others[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1])
  const common = words.map(() => false)
  for (let i = 0, j = 0; i < words.length && j < others.length; ) {
    if (words[i] === others[j]) {
      common[i++] = true
      j++
    } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++
    else j++
  }
  return common
}
