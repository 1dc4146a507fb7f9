import { ENGLISH_IRREGULAR } from './lexicon-verbs.ts'

/** English morphology: plurals, the article a/an, verb forms. */

const irregular = new Map(
  ENGLISH_IRREGULAR.split(';').map(row => {
    const [base, past, participle] = row.trim().split(' ')
    return [base, { past, participle }] as const
  }),
)

const sibilant = /(s|x|z|ch|sh)$/

/** The regular plural (or, by the same rule, the third person singular). */
export function plural(word: string): string {
  if (sibilant.test(word)) return `${word}es`
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`
}

/** a or an, before a word. */
export const article = (next: string): string =>
  /^([aeio]|u[^s]|hour|honest)/i.test(next) && !/^euro/i.test(next) ? 'an' : 'a'

/** Applies a change to the first word of a verb: look for → looked for. */
const first = (verb: string, change: (word: string) => string) => verb.replace(/^\S+/, change)
const doubled = (word: string) =>
  /^(get|put|cut|dig|run|swim|set|chat|wrap|hug|forget|begin|plan|stop|travel)$/.test(word) ? word + word.at(-1) : word

export type EnglishPerson = 'I' | 'he' | 'they'

export const thirdPerson = (verb: string): string =>
  first(verb, w => ({ have: 'has', go: 'goes', do: 'does' })[w] ?? plural(w))
export const past = (verb: string): string =>
  first(
    verb,
    w =>
      irregular.get(w)?.past ??
      (w.endsWith('e') ? `${w}d` : /[^aeiou]y$/.test(w) ? `${w.slice(0, -1)}ied` : `${doubled(w)}ed`),
  )
export const participle = (verb: string): string =>
  irregular.has(verb.split(' ')[0]) ? first(verb, w => irregular.get(w)!.participle) : past(verb)
export const gerund = (verb: string): string =>
  first(verb, w =>
    /^(die|lie)$/.test(w)
      ? `${w[0]}ying`
      : /[^e]e$/.test(w) && w !== 'be'
        ? `${w.slice(0, -1)}ing`
        : `${doubled(w)}ing`,
  )

export const be = (person: EnglishPerson, isPast: boolean): string =>
  isPast ? (person === 'they' ? 'were' : 'was') : { I: 'am', he: 'is', they: 'are' }[person]
