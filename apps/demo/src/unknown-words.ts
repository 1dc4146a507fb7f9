/** Words that the models do not know: marked in the text field, and said below it. */
import { byId, element, setMessage } from './dom.ts'
import { count } from './format.ts'
import { type Description, languageName } from './list.ts'
import type { ModelLoader } from './model-loader.ts'
import type { ModelWorker } from './workers/start.ts'

/** Words that are named at most. */
const MOST_NAMED = 8

export class UnknownWords {
  readonly #worker: ModelWorker
  readonly #loader: ModelLoader
  readonly #domain: string | undefined
  readonly #text = byId<HTMLTextAreaElement>('text')
  readonly #marks = byId('text-marks')
  #asked = 0
  /** The text whose words are marked. */
  #shown: string | undefined

  /** @param domain what the models' text is about */
  constructor(worker: ModelWorker, loader: ModelLoader, domain: string | undefined) {
    this.#worker = worker
    this.#loader = loader
    this.#domain = domain
    // What was marked is not where it was.
    this.#text.addEventListener('input', () => {
      this.#shown = undefined
      this.#marks.replaceChildren()
    })
    this.#text.addEventListener('scroll', () => {
      this.#marks.scrollTop = this.#text.scrollTop
    })
  }

  /** @param model whose words count; it has been loaded */
  async show(model: Description): Promise<void> {
    const text = this.#text.value
    if (text === this.#shown) return
    const asked = ++this.#asked
    try {
      const from = await this.#loader.file(model)
      const { words, known } = await this.#worker.call('unknown', { from, text })
      if (asked !== this.#asked || text !== this.#text.value) return
      this.#shown = text
      this.#mark(text, words)
      byId('text-hint').textContent = this.#knows(model, known)
      setMessage(byId('unknown'), unknownSentence(words))
    } catch {
      // A model that cannot be read says so in its own place.
    }
  }

  #knows({ languages }: Description, known: number): string {
    const language = languages ? `${languageName(languages[0])} ` : ''
    return `Knows ${count(known)} ${language}words${this.#domain ? ` about ${this.#domain}` : ''}.`
  }

  #mark(text: string, words: readonly string[]): void {
    const parts: (string | Node)[] = []
    let from = 0
    if (words.length > 0)
      for (const match of text.matchAll(anyOf(words))) {
        parts.push(text.slice(from, match.index), element('span', {}, match[0]))
        from = match.index + match[0].length
      }
    this.#marks.replaceChildren(...parts, `${text.slice(from)}\n`)
    this.#marks.scrollTop = this.#text.scrollTop
  }
}

/** The words where they are not parts of others. */
function anyOf(words: readonly string[]): RegExp {
  const escaped = words.map(word => word.replace(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&'))
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?![\\p{L}\\p{N}])`, 'gu')
}

function unknownSentence(words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined
  const named = words.slice(0, MOST_NAMED).map(word => `“${word.slice(0, 30)}”`)
  const more = words.length > MOST_NAMED ? ` and ${count(words.length - MOST_NAMED)} more` : ''
  return `Not known to these models, so they guess: ${named.join(', ')}${more}.`
}
