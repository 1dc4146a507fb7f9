/** From word tokens back to text as people write it: the opposite of words.ts, as far as the tokens tell. */
import { baseLanguage } from './language.ts'

/** Whether a token stands close to the one before, to the one after, to both, or to neither. */
type Glue = 'left' | 'right' | 'both' | 'none'

const CLOSING = /^(?:[,.?!:;%)\]}”…°]+|\.{2,})$/u
const OPENING = /^[([{¿¡$£#„‚@]$/u
const JOINING = /^[/_]$/u
/** `'s`, `’t`: the second half of an English contraction. */
const CONTRACTION = /^['’]\p{L}/u
/** The first half of a French or Italian one: `l'`. */
const ELISION = /\p{L}['’]$/u
/** Words that begin with an apostrophe where nothing is quoted: `'em`, `'re`, `'90s`. */
const CLIPPED = /^(?:em|im|er|m|re|ve|s|t|d|ll|n|tis|twas|til|cause|bout|round|\d+s?)$/iu
const WORD_END = /[\p{L}\p{N}]$/u
const WORD_START = /^[\p{L}\p{N}]/u

/** Decides token by token; remembers which quotation marks are open. */
class Spacing {
  readonly #open = new Set<string>()
  /** Straight single quotes that are still to come. */
  #singles: number
  /** Whether the token before closed a quotation or a bracket. */
  #closed = false

  constructor(
    readonly tokens: readonly string[],
    readonly language: string,
  ) {
    this.#singles = tokens.reduce((n, token) => n + (token === "'" ? 1 : 0), 0)
  }

  at(i: number): Glue {
    const token = this.tokens[i]
    const afterClosed = this.#closed
    const glue = this.#quotes(i) ?? this.#plain(token, i, afterClosed)
    this.#closed = glue === 'left' && /^["'”“’‘»«)\]}]$/u.test(token)
    return glue
  }

  #plain(token: string, i: number, afterClosed: boolean): Glue {
    // French sets these apart.
    if (this.language === 'fr' && /^[?!:;%]$/u.test(token)) return 'none'
    // `11:27`
    if (token === ':' && /\d$/u.test(this.tokens[i - 1] ?? '') && /^\d/u.test(this.tokens[i + 1] ?? '')) return 'both'
    if (CLOSING.test(token)) return 'left'
    if (OPENING.test(token)) return 'right'
    if (JOINING.test(token)) return 'both'
    if (this.language === 'en' && i > 0 && CONTRACTION.test(token)) return 'left'
    if ((this.language === 'fr' || this.language === 'it') && ELISION.test(token)) return 'right'
    // `„Titel“-Seite`
    if (afterClosed && /^-\p{L}/u.test(token)) return 'left'
    return 'none'
  }

  /** The glue of a quotation mark; undefined for other tokens. */
  #quotes(i: number): Glue | undefined {
    switch (this.tokens[i]) {
      case '"':
        return this.#toggle('"')
      // Either may open: «so» and »so«.
      case '«':
      case '»':
        return this.#toggle('«')
      // The low ones open the German quotations that these close; some writers mix them with straight ones.
      case '“':
        return this.#open.delete('„') || (this.language === 'de' && this.#open.delete('"')) ? 'left' : 'right'
      case '‘':
        return this.#open.delete('‚') ? 'left' : 'right'
      case '„':
      case '‚':
        this.#open.add(this.tokens[i])
        return 'right'
      case '’':
        return this.#between(i) && this.language !== 'en' ? 'both' : 'left'
      case "'":
        this.#singles--
        return this.#single(i)
      default:
        return undefined
    }
  }

  #toggle(mark: string): Glue {
    if (this.#open.delete(mark)) return 'left'
    this.#open.add(mark)
    return 'right'
  }

  /** A straight single quote: a quotation mark where another follows to close it, else an apostrophe. */
  #single(i: number): Glue {
    const [before, after] = [this.tokens[i - 1] ?? '', this.tokens[i + 1] ?? '']
    if (this.language !== 'en' && this.#between(i) && /^s(?:-|$)/u.test(after)) return 'both'
    if (this.#open.has("'")) return this.#toggle("'")
    // `the dogs' tails`, unless the number of quotes still to come says that this one opens.
    if (this.language === 'en' && /\p{L}s$/u.test(before) && this.#singles % 2 === 0) return 'left'
    if (this.#singles > 0) return this.#toggle("'")
    if (this.language !== 'en') return this.#between(i) ? 'both' : 'left'
    return CLIPPED.test(after) || i === 0 ? 'right' : 'left'
  }

  #between(i: number): boolean {
    return WORD_END.test(this.tokens[i - 1] ?? '') && WORD_START.test(this.tokens[i + 1] ?? '')
  }
}

/** Text from tokens: a space between two, unless one of them stands close to the other. Never throws. */
export function detokenizeWords(tokens: readonly string[], language: string): string {
  const spacing = new Spacing(tokens, baseLanguage(language))
  const parts: string[] = []
  let close = true
  for (let i = 0; i < tokens.length; i++) {
    const glue = spacing.at(i)
    if (!close && glue !== 'left' && glue !== 'both') parts.push(' ')
    parts.push(tokens[i])
    close = glue === 'right' || glue === 'both'
  }
  return parts.join('')
}
