/** Language codes (BCP 47): checked, compared, and reduced to the language that rules are for. */
import { UserError } from '../errors.ts'

/** The languages that the tokeniser has rules of its own for; others get the rules that most languages share. */
const LANGUAGES_WITH_RULES: ReadonlySet<string> = new Set(['de', 'en', 'fr', 'it'])

/** `en` of `en-GB` and of `EN_gb`. */
export const baseLanguage = (tag: string): string => tag.toLowerCase().split(/[-_]/u, 1)[0]

/** A code as BCP 47 writes it: `en-GB` for `EN_gb`, `de` for `ger`; undefined where it is not well-formed. */
export function canonicalLanguage(code: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(code.replaceAll('_', '-'))[0]
  } catch {
    return undefined
  }
}

/** A language code that was checked. */
export interface Language {
  /** The code in its canonical form. */
  readonly code: string
  /** What a user should know: the language is unknown, or there are no rules for it. */
  readonly notice?: string
}

/**
 * Checks a language code.
 * @param origin the option that it was given with, for messages
 * @throws UserError `language` where it is not well-formed
 */
export function parseLanguage(text: string, origin: string): Language {
  const code = canonicalLanguage(text)
  if (code === undefined)
    throw new UserError('language', `${origin} ${text} is not a language code; en, de or pt-BR are (BCP 47)`)
  const base = baseLanguage(code)
  if (LANGUAGES_WITH_RULES.has(base)) return { code }
  const name = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(base)
  const what = name ? `there are no tokenisation rules for ${name}` : `${text} is not the code of a language known here`
  return { code, notice: `${origin} ${text}: ${what}; the rules that most languages share are used` }
}

/**
 * The code among `available` that a request for a language means: the same code; else a regional variant of it (`en-GB`
 * for `en`); else the language without the region (`en` for `en-GB`). The first one of each kind counts.
 */
export function matchLanguage(available: Iterable<string>, requested: string): string | undefined {
  const normal = (code: string) => (canonicalLanguage(code) ?? code).toLowerCase().replaceAll('_', '-')
  const goal = normal(requested)
  let [variant, general]: (string | undefined)[] = []
  for (const code of available) {
    const found = normal(code)
    if (found === goal) return code
    if (found.startsWith(`${goal}-`)) variant ??= code
    else if (found !== '' && goal.startsWith(`${found}-`)) general ??= code
  }
  return variant ?? general
}
