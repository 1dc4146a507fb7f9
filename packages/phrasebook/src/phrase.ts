import type { Draw } from './draw.ts'
import { article, type EnglishPerson } from './english.ts'
import type { Case, Gender, Person } from './german.ts'
import * as german from './german.ts'
import { type Adjective, adjectivesFor, type Noun, type Pair, pairs } from './lexicon.ts'
import { FIRST_NAMES, NUMBERS } from './lexicon-phrases.ts'

/** Noun phrases in both languages. */

export interface Phrase {
  readonly en: string
  readonly de: (c: Case) => string
  /** Decide the verbs' forms. */
  readonly person: Person
  readonly enPerson: EnglishPerson
  /** Decide the pronouns' forms. */
  readonly gender: Gender
  readonly plural: boolean
  /** English he, she, it, they, I, we, you. */
  readonly pronoun: string
  /** German "wir", for its reflexive pronoun; and whether the phrase is itself a pronoun. */
  readonly we?: boolean
  readonly isPronoun?: boolean
  /** Negated by kein rather than nicht. */
  readonly indefinite?: boolean
  readonly noun?: Noun
}

/** A possessive determiner in both languages; the German one declines like ein. */
export interface Possessive {
  readonly en: string
  readonly de: string
}
export type Determiner = 'the' | 'a' | 'none' | 'no' | 'this' | 'some' | Possessive | { readonly number: Pair }

const humans: readonly string[] = ['man', 'woman']
export const isHuman = (entry: Noun): boolean => humans.includes(entry.kind) || entry.en === 'child'
export const isCountable = (entry: Noun): boolean => entry.plural !== undefined

/** Sets a determiner and perhaps an adjective before a noun. */
export function nounPhrase(
  entry: Noun,
  determiner: Determiner,
  options: { plural?: boolean; adjective?: Adjective } = {},
): Phrase {
  const plural = options.plural ?? false
  const { adjective } = options
  const enWords = [adjective?.en, plural ? entry.enPlural : entry.en].filter(Boolean).join(' ')
  return {
    en: [englishDeterminer(determiner, plural, enWords), enWords].filter(Boolean).join(' '),
    de: c => {
      const [word, declension] = germanDeterminer(determiner, entry.gender, plural, c)
      const inflected = adjective && german.adjective(adjective.stem, declension, entry.gender, plural, c)
      return [word, inflected, german.decline(entry, plural, c)].filter(Boolean).join(' ')
    },
    person: plural ? 'sie' : 'er',
    enPerson: plural ? 'they' : 'he',
    gender: entry.gender,
    plural,
    pronoun: plural ? 'they' : entry.kind === 'woman' ? 'she' : entry.kind === 'man' ? 'he' : 'it',
    indefinite: determiner === 'a' || determiner === 'none' || determiner === 'no',
    noun: entry,
  }
}

function englishDeterminer(determiner: Determiner, plural: boolean, next: string): string {
  if (typeof determiner === 'object') return 'number' in determiner ? determiner.number[0] : determiner.en
  switch (determiner) {
    case 'a':
      return article(next)
    case 'none':
      return ''
    case 'this':
      return plural ? 'these' : 'this'
    case 'no':
      return 'no'
    case 'the':
    case 'some':
      return determiner
    default:
      return determiner satisfies never
  }
}

function germanDeterminer(
  determiner: Determiner,
  gender: Gender,
  plural: boolean,
  c: Case,
): [string, german.Declension] {
  if (typeof determiner === 'object')
    return 'number' in determiner
      ? [determiner.number[1], 'strong']
      : [german.einWord(determiner.de, gender, plural, c), einDeclension(gender, plural)]
  switch (determiner) {
    case 'the':
      return [german.definite(gender, plural, c), 'weak']
    case 'this':
      return [german.dieserWord('dies', gender, plural, c), 'weak']
    case 'a':
      return [german.einWord('ein', gender, plural, c), 'mixed']
    case 'no':
      return [german.einWord('kein', gender, plural, c), einDeclension(gender, plural)]
    case 'some':
      return [german.dieserWord('einig', gender, true, c), 'strong']
    case 'none':
      return ['', 'strong']
    default:
      return determiner satisfies never
  }
}

// The mixed endings hold after every ein-word, plural included (meine alten Bäume).
const einDeclension = (_gender: Gender, _plural: boolean): german.Declension => 'mixed'

const fixed = (
  en: string,
  forms: readonly [string, string, string],
  person: Person,
  rest: Partial<Phrase> = {},
): Phrase => ({
  en,
  de: c => forms[c === 'nom' ? 0 : c === 'acc' ? 1 : 2],
  person,
  enPerson: person === 'er' ? 'he' : en === 'I' ? 'I' : 'they',
  gender: 'm',
  plural: false,
  pronoun: en,
  isPronoun: true,
  ...rest,
})

export const I = fixed('I', ['ich', 'mich', 'mir'], 'ich')
export const WE = fixed('we', ['wir', 'uns', 'uns'], 'sie', { we: true })
export const YOU_POLITE = fixed('you', ['Sie', 'Sie', 'Ihnen'], 'sie')
export const YOU_FAMILIAR = fixed('you', ['du', 'dich', 'dir'], 'du')
const OBJECT_FORMS: Record<string, string> = { I: 'me', he: 'him', she: 'her', we: 'us', they: 'them' }
/** A phrase as an English object: I → me. */
export const enObject = (phrase: Phrase): string =>
  phrase.isPronoun ? (OBJECT_FORMS[phrase.en] ?? phrase.en) : phrase.en

/** The pronoun that stands for a phrase already mentioned: it for the apple is er, for the pear sie. */
export function pronounFor(phrase: Phrase): Phrase {
  if (phrase.isPronoun) return phrase
  // Das Mädchen is taken up by sie.
  const gender = phrase.pronoun === 'she' ? 'f' : phrase.gender
  const de = (c: Case) => german.personal(gender, phrase.plural, c === 'gen' ? 'dat' : c)
  return { ...phrase, en: phrase.pronoun, de, isPronoun: true, indefinite: false, gender }
}

const POSSESSIVES: Record<string, Possessive> = {
  I: { en: 'my', de: 'mein' },
  we: { en: 'our', de: 'unser' },
  he: { en: 'his', de: 'sein' },
  she: { en: 'her', de: 'ihr' },
  they: { en: 'their', de: 'ihr' },
}
/** The possessive that refers back to a phrase; you by its register; undefined for things. */
export const possessiveOf = (phrase: Phrase): Possessive | undefined =>
  phrase === YOU_POLITE
    ? { en: 'your', de: 'Ihr' }
    : phrase === YOU_FAMILIAR
      ? { en: 'your', de: 'dein' }
      : POSSESSIVES[phrase.pronoun]

export const NUMBER_WORDS: readonly Pair[] = pairs(NUMBERS)
const smallNumbers = NUMBER_WORDS.slice(1, 12)

const firstNames = Object.entries(FIRST_NAMES).flatMap(([gender, table]) =>
  pairs(table.replaceAll(/([^;\s]+)/g, '$1: $1')).map(([name]) => ({ name, gender: gender as 'm' | 'f' })),
)
/** A first name, as a subject or an object. */
export function namePhrase(draw: Draw): Phrase {
  const { name, gender } = draw.pick(firstNames)
  const pronoun = gender === 'm' ? 'he' : 'she'
  return { en: name, de: () => name, person: 'er', enPerson: 'he', gender, plural: false, pronoun }
}

/** People one calls one's own. */
const isClose = (entry: Noun) =>
  /^(father|brother|uncle|grandfather|son|nephew|friend|neighbour|colleague|teacher|doctor|guest|mother|sister|aunt|grandmother|daughter|niece|girlfriend|landlady)$/.test(
    entry.en,
  )

const maybeAdjective = (draw: Draw, entry: Noun, probability: number): Adjective | undefined => {
  const fitting = adjectivesFor(entry)
  return fitting.length > 0 && draw.chance(probability) ? draw.pick(fitting) : undefined
}

/** A subject from the given nouns: people are sometimes I, we, or a name. */
export function subjectPhrase(draw: Draw, nouns: readonly Noun[], options: { thirdOnly?: boolean } = {}): Phrase {
  const entry = draw.pick(nouns)
  if (isHuman(entry)) {
    if (!options.thirdOnly && draw.chance(0.14)) return draw.chance(0.6) ? I : WE
    if (draw.chance(0.14)) return namePhrase(draw)
    if (isClose(entry) && draw.chance(0.2))
      return nounPhrase(entry, draw.pick([POSSESSIVES.I, POSSESSIVES.we]), { plural: draw.chance(0.2) })
  }
  const plural = isCountable(entry) && draw.chance(0.25)
  const determiner: Determiner =
    plural || !isCountable(entry)
      ? 'the'
      : draw.weighted([
          [85, 'the' as const],
          [8, 'this'],
          [7, 'a'],
        ])
  return nounPhrase(entry, determiner, { plural, adjective: maybeAdjective(draw, entry, 0.16) })
}

/** An object, with any determiner that makes sense; `owner` lets it be his, her, their. */
export function objectPhrase(draw: Draw, nouns: readonly Noun[], owner?: Phrase, definiteOnly = false): Phrase {
  const entry = draw.pick(nouns)
  const adjective = maybeAdjective(draw, entry, 0.26)
  const own = owner && possessiveOf(owner)
  if (!isCountable(entry))
    return nounPhrase(entry, definiteOnly || entry.kind === 'weather' || draw.chance(0.6) ? 'the' : 'none', {
      adjective,
    })
  const plural = draw.chance(0.38)
  if (own && (!isHuman(entry) || isClose(entry)) && draw.chance(0.15))
    return nounPhrase(entry, own, { plural, adjective })
  if (definiteOnly || isHuman(entry)) return nounPhrase(entry, 'the', { plural: plural && draw.chance(0.6), adjective })
  if (!plural)
    return nounPhrase(
      entry,
      draw.weighted([
        [58, 'the' as const],
        [34, 'a'],
        [8, 'this'],
      ]),
      { adjective },
    )
  const determiner = draw.weighted<() => Determiner>([
    [52, () => 'the'],
    [18, () => 'none'],
    [10, () => 'some'],
    [20, () => ({ number: draw.pick(smallNumbers) })],
  ])()
  return nounPhrase(entry, determiner, { plural: true, adjective })
}

/** The same phrase under a negation, where German says kein. */
export function negated(phrase: Phrase): { phrase: Phrase; kein: boolean } {
  if (!phrase.indefinite || !phrase.noun) return { phrase, kein: false }
  const kein = nounPhrase(phrase.noun, 'no', { plural: phrase.plural })
  const en =
    phrase.plural || !isCountable(phrase.noun)
      ? `any ${kein.en.slice(3)}`
      : `${article(kein.en.slice(3))} ${kein.en.slice(3)}`
  return { phrase: { ...kein, en }, kein: true }
}
