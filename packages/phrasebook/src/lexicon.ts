import { plural } from './english.ts'
import { type GermanNoun, type GermanVerb, parseGermanVerb } from './german.ts'
import { ADJECTIVE_TABLE, COMPARED, WEATHER_ADJECTIVES } from './lexicon-adjectives.ts'
import { NOUN_TABLE, type NounClass } from './lexicon-nouns.ts'
import * as phrases from './lexicon-phrases.ts'
import * as verbs from './lexicon-verbs.ts'

/** Reads the tables into entries, and counts them. */

export interface Noun extends GermanNoun {
  readonly en: string
  readonly enPlural: string
  readonly kind: NounClass
}
export interface Adjective {
  readonly en: string
  readonly de: string
  readonly stem: string
}
/** An English phrase and its German one. */
export type Pair = readonly [en: string, de: string]

const rows = (table: string) =>
  table
    .split(';')
    .map(row => row.trim())
    .filter(Boolean)

/** The rows of an uninflected table. */
export const pairs = (table: string): Pair[] =>
  rows(table).map(row => {
    const [en, de] = row.split(': ')
    return [en, de]
  })

function parseNoun(row: string, kind: NounClass): Noun {
  const [english, german] = row.split(': ')
  const [en, enPlural] = english.split('/')
  const [forms, ...flags] = german.split(/ (?=\+n|gen=)/)
  const [head, pluralForm] = forms.split(', ')
  const [art, singular] = head.split(' ')
  const genitive = flags.find(flag => flag.startsWith('gen='))?.slice(4)
  const gender = art === 'der' ? 'm' : art === 'die' ? 'f' : 'n'
  return {
    en,
    enPlural: enPlural ?? plural(en),
    kind,
    singular,
    plural: pluralForm,
    gender,
    weak: flags.includes('+n'),
    genitive,
  }
}

export const NOUNS: readonly Noun[] = Object.entries(NOUN_TABLE).flatMap(([kind, table]) =>
  rows(table).map(row => parseNoun(row, kind as NounClass)),
)

/** The nouns of a class. */
export const nounsOf = (kind: NounClass): Noun[] => NOUNS.filter(noun => noun.kind === kind)

/** The noun with this German form: `die Bank` or `Ufer`; an English word settles homonyms. */
export function noun(german: string, en?: string): Noun {
  const word = german.replace(/^(der|die|das) /, '')
  const found = NOUNS.find(entry => entry.singular === word && (en === undefined || entry.en === en))
  if (!found) throw new Error(`no noun ${german} in the lexicon`)
  return found
}

const sets: Record<string, string> = { ...verbs.NOUN_SETS, ...verbs.SUBJECT_SETS, ...verbs.PREPOSITIONAL_SETS }
const resolved = new Map<string, Noun[]>()

/** The nouns that a frame's list of classes, groups and sets stands for: `person`, `flower shrub`. */
export function nounsFor(names: string): Noun[] {
  const known = resolved.get(names)
  if (known) return known
  const found = names.split(' ').flatMap(name => {
    if (sets[name]) return sets[name].split(', ').map(word => noun(word))
    const kinds: readonly string[] = verbs.NOUN_GROUPS[name as keyof typeof verbs.NOUN_GROUPS] ?? [name]
    return kinds.flatMap(kind => {
      const members = nounsOf(kind as NounClass)
      if (members.length === 0) throw new Error(`no class of nouns called ${kind}`)
      return members
    })
  })
  resolved.set(names, found)
  return found
}

const parseAdjective = (row: string): Adjective => {
  const [en, german] = row.split(': ')
  const [de, stem] = german.split('/')
  return { en, de, stem: stem ?? de }
}

export const WEATHER: readonly Adjective[] = rows(WEATHER_ADJECTIVES).map(parseAdjective)
const adjectiveClasses = Object.values(ADJECTIVE_TABLE).map(({ of, rows: table }) => ({
  of: of as readonly NounClass[],
  adjectives: rows(table).map(parseAdjective),
}))
const adjectivesByKind = new Map<NounClass, Adjective[]>()
for (const { of, adjectives } of adjectiveClasses)
  for (const kind of of) adjectivesByKind.set(kind, [...(adjectivesByKind.get(kind) ?? []), ...adjectives])

/** The adjectives that can be said of a noun. */
export const adjectivesFor = (entry: Noun): Adjective[] => adjectivesByKind.get(entry.kind) ?? []

export const COMPARISONS = rows(COMPARED).map(row => row.split(' ').map(word => word.replace('_', ' ')))

export interface VerbPair {
  readonly en: string
  readonly de: GermanVerb
}
export const verbPair = (en: string, de: string): VerbPair => ({ en, de: parseGermanVerb(de) })

export type Topic = 'garden' | 'weather' | 'market' | 'travel'
export const TOPICS: readonly Topic[] = ['garden', 'weather', 'market', 'travel']

/** A verb with what may be its subject and its object. */
export interface Frame extends VerbPair {
  readonly subjects: readonly Noun[]
  readonly objects: readonly Noun[]
  readonly preposition?: string
  readonly prepositionCase?: 'acc' | 'dat'
}

const frame = (row: string): Frame => {
  const [head, subjects, objects] = row.split(' | ')
  const [en, de] = head.split(': ')
  return { ...verbPair(en, de), subjects: nounsFor(subjects), objects: objects ? nounsFor(objects) : [] }
}
/** Whether people do it: feeding, but not (fressen) an animal's eating. */
export const doneByPeople = ({ subjects }: Frame): boolean => subjects.some(({ kind }) => kind === 'woman')

/** A value for each topic. */
export const byTopic = <T>(make: (topic: Topic) => T): Record<Topic, T> => ({
  garden: make('garden'),
  weather: make('weather'),
  market: make('market'),
  travel: make('travel'),
})
const frames = (table: Record<Topic, string>) => byTopic(topic => rows(table[topic]).map(frame))

export const TRANSITIVES = frames(verbs.TRANSITIVE)
export const INTRANSITIVES = frames(verbs.INTRANSITIVE)
export const GIVING: readonly Frame[] = rows(verbs.GIVING).map(row => {
  const [head, objects] = row.split(' | ')
  return frame(`${head} | person | ${objects}`)
})
export const DATIVES: readonly Frame[] = rows(verbs.DATIVE).map(row => frame(`${row} | person | person`))
export const PREPOSITIONALS: readonly Frame[] = rows(verbs.PREPOSITIONAL).map(row => {
  const [head, government, objects] = row.split(' | ')
  const [word, c] = government.split(' ')
  return { ...frame(`${head} | person | ${objects}`), preposition: word, prepositionCase: c as 'acc' | 'dat' }
})
/** stellen, legen, hängen, each with the things it is said of. */
export const PUTTINGS: readonly Frame[] = rows(verbs.PUTTING).map(row => {
  const [de, names] = row.split(' | ')
  const objects = names.split(' ').map(en => NOUNS.find(entry => entry.en === en && entry.kind !== 'ambiguous')!)
  return { ...verbPair(de === 'hängen' ? 'hang' : 'put', de), subjects: nounsFor('person'), objects }
})

const count = (table: string) => rows(table).length
/** The number of entries of the lexicon: nouns, verbs, adjectives, names, phrases and function words. */
export const LEXICON_SIZE: number =
  NOUNS.length +
  WEATHER.length +
  adjectiveClasses.reduce((sum, { adjectives }) => sum + adjectives.length, 0) +
  TOPICS.reduce((sum, topic) => sum + TRANSITIVES[topic].length + INTRANSITIVES[topic].length, 0) +
  GIVING.length +
  DATIVES.length +
  PREPOSITIONALS.length +
  PUTTINGS.length +
  COMPARISONS.length +
  [
    ...Object.values(phrases.FIRST_NAMES),
    phrases.SURNAMES,
    phrases.CITIES,
    phrases.COUNTRIES,
    phrases.LANGUAGES,
    ...Object.values(phrases.TIMES),
    phrases.FREQUENCIES,
    phrases.MANNERS,
    phrases.DEGREES,
    phrases.MOODS,
    phrases.NUMBERS,
    phrases.ORDINALS,
    phrases.EXPRESSIONS,
    phrases.SAYING,
    phrases.CONJUNCTIONS,
    phrases.MODALS,
    phrases.FUNCTION_WORDS,
  ].reduce((sum, table) => sum + count(table), 0)
