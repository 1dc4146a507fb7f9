/** From word tokens back to text as people write it: the opposite of words.ts, as far as the tokens tell. */
import { baseLanguage } from './language.ts'

/** Whether a token stands close to the one before, to the one after, to both, or to neither. */
type Glue = 'left' | 'right' | 'both' | 'none'

const CLOSING = /^(?:[,.?!:;%)\]}”…°™®′″¢]+|\.{2,})$/u
const OPENING = /^[([{¿¡#„‚@]$/u
const JOINING = /^[/_\\^·]$/u
const DOTS = /^(?:…|\.{2,})$/u
/** `'s`, `’t`: the second half of an English contraction. */
const CONTRACTION = /^['’]\p{L}/u
/** The first half of a French or Italian one: `l'`. */
const ELISION = /\p{L}['’]$/u
/** Words that begin with an apostrophe where nothing is quoted: `'em`, `'re`, `'90s`. */
const CLIPPED = /^(?:em|im|er|m|re|ve|s|t|d|ll|n|tis|twas|til|cause|bout|round|\d+s?)$/iu
/** The same of German, after a space: `'nen Apfel`, `'rein`. */
const CLIPPED_GERMAN = /^(?:ne?[mnrs]?|nauf|naus|nein|nunter|rein|raus|rauf|runter|rüber|ran|rum|\d.*)$/iu
/** Endings in brackets or behind a sign: `Kind(er)`, `Lehrer:innen`. */
const OPTIONAL_ENDING = /^(?:s|es|e|n|en|er|r|in|innen)$/u
const GENDER_ENDING = /^(?:in|innen)$/u
const WORD = /^[\p{L}\p{M}\p{N}]+$/u
/** Most tokens: there is nothing to decide. */
const PLAIN_WORD = /^\p{L}.*[^'’]$/u
const WORD_END = /[\p{L}\p{N}]$/u
const WORD_START = /^[\p{L}\p{N}]/u
const DIGIT_END = /\p{N}$/u
const DIGIT_START = /^\p{N}/u
const CURRENCY = /^[$£€¥₹]$/u
/** Keys that are pressed together with others: `Ctrl+C`. */
const MODIFIER_KEY = /^(?:ctrl|alt|shift|cmd|win|strg|umschalt|maj)$/iu

/** Decides token by token; remembers which quotation marks are open. */
class Spacing {
  readonly #open = new Set<string>()
  /** Straight single and double quotes that are still to come. */
  #singles: number
  #doubles: number
  /** Whether the token before closed a quotation or a bracket. */
  #closed = false

  constructor(
    readonly tokens: readonly string[],
    readonly language: string,
  ) {
    const count = (mark: string) => tokens.reduce((n, token) => n + (token === mark ? 1 : 0), 0)
    this.#singles = count("'")
    this.#doubles = count('"')
  }

  at(i: number): Glue {
    const token = this.tokens[i]
    if (PLAIN_WORD.test(token)) {
      this.#closed = false
      return 'none'
    }
    const afterClosed = this.#closed
    const glue = this.#quotes(i) ?? this.#sign(i) ?? this.#plain(token, i, afterClosed)
    this.#closed = glue === 'left' && /^["'”“’‘»«)\]}]$/u.test(token)
    return glue
  }

  #plain(token: string, i: number, afterClosed: boolean): Glue {
    // French sets these apart, but not from each other.
    if (this.language === 'fr' && /^[?!:;%]$/u.test(token)) return /^[?!]$/u.test(this.#at(i - 1)) ? 'left' : 'none'
    if (CLOSING.test(token)) return 'left'
    if (OPENING.test(token)) return 'right'
    if (JOINING.test(token)) return 'both'
    if (this.language === 'en' && i > 0 && CONTRACTION.test(token)) return 'left'
    if ((this.language === 'fr' || this.language === 'it') && ELISION.test(token)) return 'right'
    // `„Titel“-Seite`
    if (afterClosed && /^-\p{L}/u.test(token)) return 'left'
    return 'none'
  }

  #at(i: number): string {
    return this.tokens[i] ?? ''
  }

  /** The glue of a sign whose neighbours tell how it is meant; undefined for other tokens. */
  #sign(i: number): Glue | undefined {
    const token = this.tokens[i]
    const [before, after] = [this.#at(i - 1), this.#at(i + 1)]
    const betweenDigits = DIGIT_END.test(before) && DIGIT_START.test(after)
    if (CURRENCY.test(token)) return this.#currency(token, before, after)
    if (DOTS.test(token)) return i === 0 ? 'right' : 'left'
    switch (token) {
      // `11:27`; `Lehrer:innen`
      case ':':
      case '*':
        return betweenDigits && token === ':' ? 'both' : genderEnding(before, after)
      // `word(s)`
      case '(':
        return WORD.test(before) && OPTIONAL_ENDING.test(after) && this.#at(i + 2) === ')' ? 'both' : undefined
      case '°':
        return this.#degree(before, after)
      case 'C':
      case 'F':
        return before === '°' && DIGIT_END.test(this.#at(i - 2)) ? 'left' : undefined
      // `C#`
      case '#':
        return /^[CFJ]$/u.test(before) ? 'left' : undefined
      case '+':
        return this.#plus(i, before, after)
      // `R&D`
      case '&':
        return /^\p{Lu}{1,2}$/u.test(before) && /^\p{Lu}{1,2}$/u.test(after) ? 'both' : undefined
      case '–':
        return betweenDigits ? 'both' : undefined
      case '—':
        return this.language === 'en' && WORD_END.test(before) && WORD_START.test(after) ? 'both' : undefined
      // A sign of a number, unless it stands between two.
      case '−':
      case '~':
        return DIGIT_START.test(after) && !DIGIT_END.test(before) ? 'right' : undefined
      case '§':
        return before === '§' ? 'left' : undefined
      default:
        return undefined
    }
  }

  #currency(token: string, before: string, after: string): Glue {
    if (DIGIT_START.test(after) && !DIGIT_END.test(before))
      return /^(?:US|AU|CA|HK|NZ)$/u.test(before) ? 'both' : 'right'
    // `$HOME`
    return token === '$' && !DIGIT_END.test(before) ? 'right' : 'none'
  }

  /** `20°C` in English, `20 °C` elsewhere; `90°`, `n°` everywhere. */
  #degree(before: string, after: string): Glue {
    return this.language !== 'en' && DIGIT_END.test(before) && /^[CF]$/u.test(after) ? 'none' : 'left'
  }

  #plus(i: number, before: string, after: string): Glue | undefined {
    if (MODIFIER_KEY.test(before)) return 'both'
    // `C++`
    if (after === '+' && /^\p{L}$/u.test(before)) return 'left'
    if (before === '+' && /^\p{L}$/u.test(this.#at(i - 2))) return 'left'
    // `Tel. +49`
    return DIGIT_START.test(after) && (i === 0 || before.endsWith('.')) ? 'right' : undefined
  }

  /** The glue of a quotation mark; undefined for other tokens. */
  #quotes(i: number): Glue | undefined {
    switch (this.tokens[i]) {
      case '"':
        this.#doubles--
        // Inches: `a 5" nail`; a quotation would still have to be closed.
        if (!this.#open.has('"') && this.#doubles % 2 === 0 && DIGIT_END.test(this.#at(i - 1))) return 'left'
        return this.#toggle('"')
      // Either may open: «so» and »so«; French sets them apart.
      case '«':
      case '»':
        return this.language === 'fr' ? 'none' : this.#toggle('«')
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
        return this.language === 'en' ? 'left' : this.#apostrophe(i)
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
    const [before, after] = [this.#at(i - 1), this.#at(i + 1)]
    if (this.language !== 'en' && this.#between(i) && /^s(?:-|$)/u.test(after)) return 'both'
    if (this.#open.has("'")) return this.#toggle("'")
    // Feet: `8' x 10'`, `5'6"`.
    if (DIGIT_END.test(before)) return DIGIT_START.test(after) ? 'both' : 'left'
    if (this.#isGenitive(i)) return 'left'
    if (this.#singles > 0) return this.#toggle("'")
    if (this.language !== 'en') return this.#apostrophe(i)
    return CLIPPED.test(after) || i === 0 ? 'right' : 'left'
  }

  /** `the dogs' tails`, unless what is to come says that this quote opens. */
  #isGenitive(i: number): boolean {
    const ending = { en: /\p{L}s$/u, de: /\p{L}[sßxz]$/u }[this.language]
    if (!ending?.test(this.#at(i - 1))) return false
    if (this.language === 'en' && this.#singles % 2 === 0) return true
    // The next one is a genitive as well: `the dogs' bowls and James' hat`.
    const next = this.tokens.indexOf("'", i + 1)
    return next > 0 && ending.test(this.#at(next - 1))
  }

  /** An apostrophe that was cut off on both sides. */
  #apostrophe(i: number): Glue {
    const [before, after] = [this.#at(i - 1), this.#at(i + 1)]
    if (i === 0) return 'right'
    if (this.language === 'de') {
      if (CLIPPED_GERMAN.test(after)) return 'right'
      // `geht's`, `Ku'damm`; else something is left out before a space: `Hans' Auto`, `ich hab' keine`.
      return this.#between(i) && (/^s(?:-|$)/u.test(after) || before.length <= 2) ? 'both' : 'left'
    }
    // `L'« eau »`
    if (this.language === 'fr' && /^(?:\p{L}|qu)$/iu.test(before) && /^[«“"]$/u.test(after)) return 'both'
    return this.#between(i) ? 'both' : 'left'
  }

  #between(i: number): boolean {
    return WORD_END.test(this.#at(i - 1)) && WORD_START.test(this.#at(i + 1))
  }
}

function genderEnding(before: string, after: string): Glue | undefined {
  return GENDER_ENDING.test(after) && /^\p{Lu}\p{L}+$/u.test(before) ? 'both' : undefined
}

/** What the conventions of a language have before each token: a space, or nothing. */
export function conventionalGaps(tokens: readonly string[], language: string): ('' | ' ')[] {
  const spacing = new Spacing(tokens, baseLanguage(language))
  let close = true
  return tokens.map((_, i) => {
    const glue = spacing.at(i)
    const gap = close || glue === 'left' || glue === 'both' ? '' : ' '
    close = glue === 'right' || glue === 'both'
    return gap
  })
}

/** Text from tokens: a space between two, unless one of them stands close to the other. Never throws. */
export function detokenizeWords(tokens: readonly string[], language: string): string {
  const gaps = conventionalGaps(tokens, language)
  return tokens.map((token, i) => gaps[i] + token).join('')
}
