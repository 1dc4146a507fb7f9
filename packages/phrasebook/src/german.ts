import { STRONG } from './lexicon-verbs.ts'

/** German morphology: articles, adjective endings, noun declension, verb conjugation, contractions. */

export type Case = 'nom' | 'acc' | 'dat' | 'gen'
export type Gender = 'm' | 'f' | 'n'
/** The four forms that German finite verbs distinguish here: ich, du, er/sie/es, and wir/sie/Sie. */
export type Person = 'ich' | 'du' | 'er' | 'sie'
export type Declension = 'weak' | 'mixed' | 'strong'

const CASES: readonly Case[] = ['nom', 'acc', 'dat', 'gen']
type Endings = Record<Gender | 'p', readonly [string, string, string, string]>

const DEFINITE: Endings = {
  m: ['der', 'den', 'dem', 'des'],
  f: ['die', 'die', 'der', 'der'],
  n: ['das', 'das', 'dem', 'des'],
  p: ['die', 'die', 'den', 'der'],
}
const EIN: Endings = {
  m: ['', 'en', 'em', 'es'],
  f: ['e', 'e', 'er', 'er'],
  n: ['', '', 'em', 'es'],
  p: ['e', 'e', 'en', 'er'],
}
const DIESER: Endings = {
  m: ['er', 'en', 'em', 'es'],
  f: ['e', 'e', 'er', 'er'],
  n: ['es', 'es', 'em', 'es'],
  p: ['e', 'e', 'en', 'er'],
}
const ADJECTIVE: Record<Declension, Endings> = {
  weak: {
    m: ['e', 'en', 'en', 'en'],
    f: ['e', 'e', 'en', 'en'],
    n: ['e', 'e', 'en', 'en'],
    p: ['en', 'en', 'en', 'en'],
  },
  mixed: {
    m: ['er', 'en', 'en', 'en'],
    f: ['e', 'e', 'en', 'en'],
    n: ['es', 'es', 'en', 'en'],
    p: ['en', 'en', 'en', 'en'],
  },
  strong: {
    m: ['er', 'en', 'em', 'en'],
    f: ['e', 'e', 'er', 'er'],
    n: ['es', 'es', 'em', 'en'],
    p: ['e', 'e', 'en', 'er'],
  },
}

const cell = (table: Endings, gender: Gender, plural: boolean, c: Case) =>
  table[plural ? 'p' : gender][CASES.indexOf(c)]

/** The definite article; also the relative pronoun, but for its dative plural (denen) and genitives. */
export const definite = (gender: Gender, plural: boolean, c: Case): string => cell(DEFINITE, gender, plural, c)
export const relative = (gender: Gender, plural: boolean, c: Case): string =>
  plural && c === 'dat' ? 'denen' : definite(gender, plural, c)
/** A word declined like ein: kein, mein, sein, ihr, unser, Ihr. */
export const einWord = (stem: string, gender: Gender, plural: boolean, c: Case): string =>
  stem + cell(EIN, gender, plural, c)
/** A word declined like dieser: dies-, jed-, welch-. */
export const dieserWord = (stem: string, gender: Gender, plural: boolean, c: Case): string =>
  stem + cell(DIESER, gender, plural, c)
/** An adjective's inflected form, from its stem (dunkl-). */
export function adjective(stem: string, declension: Declension, gender: Gender, plural: boolean, c: Case): string {
  const ending = cell(ADJECTIVE[declension], gender, plural, c)
  return stem.endsWith('e') ? stem + ending.slice(1) : stem + ending
}

const PERSONAL: Record<Gender | 'p', readonly string[]> = {
  m: ['er', 'ihn', 'ihm'],
  f: ['sie', 'sie', 'ihr'],
  n: ['es', 'es', 'ihm'],
  p: ['sie', 'sie', 'ihnen'],
}
/** The third-person pronoun for a noun of this gender. */
export const personal = (gender: Gender, plural: boolean, c: Exclude<Case, 'gen'>): string =>
  PERSONAL[plural ? 'p' : gender][CASES.indexOf(c)]

export interface GermanNoun {
  readonly singular: string
  /** Undefined for mass nouns. */
  readonly plural?: string
  readonly gender: Gender
  readonly weak?: boolean
  readonly genitive?: string
}

/** One form of a noun: des Nachbarn, den Gärten. */
export function decline(noun: GermanNoun, plural: boolean, c: Case): string {
  if (plural) {
    const form = noun.plural ?? noun.singular
    return c === 'dat' && !/[ns]$/.test(form) ? `${form}n` : form
  }
  if (c === 'gen' && noun.genitive) return noun.genitive
  if (noun.weak) return c === 'nom' ? noun.singular : noun.plural!
  if (c !== 'gen' || noun.gender === 'f') return noun.singular
  const word = noun.singular
  if (/is$|[^k]us$/.test(word) && !/(aus|Reis|Eis|Kreis)$/i.test(word)) return `${word}ses`
  if (/kus$/.test(word)) return word
  if (/(s|ß|x|z|sch|st)$/.test(word)) return `${word}es`
  const syllables = word.match(/[aeiouäöüy]+/gi)?.length ?? 1
  return syllables === 1 && !/[aeiouy]h?$/.test(word) ? `${word}es` : `${word}s`
}

const CONTRACTED: Record<string, string> = {
  'in dem': 'im',
  'an dem': 'am',
  'zu dem': 'zum',
  'zu der': 'zur',
  'bei dem': 'beim',
  'von dem': 'vom',
  'in das': 'ins',
  'an das': 'ans',
}
/** A preposition before a noun phrase, contracted where German contracts: in dem Garten → im Garten. */
export const preposition = (word: string, phrase: string): string =>
  `${word} ${phrase}`.replace(/^(in|an|zu|bei|von) (dem|der|das)(?= )/, pair => CONTRACTED[pair] ?? pair)

export interface GermanVerb {
  readonly reflexive: boolean
  /** Words that stand at the clause's end with the verb: zu Hause (bleiben). */
  readonly fixed: string
  readonly prefix: string
  readonly base: string
  readonly er: string
  readonly participle: string
  readonly sein: boolean
}

const strong = new Map(
  STRONG.split(';').map(row => {
    const [infinitive, forms] = row.trim().split(': ')
    const [er, participle, aux] = forms.split(' ')
    return [infinitive, { er, participle, sein: aux === '+s' }] as const
  }),
)

/** Reads a verb of the tables: `auf.machen`, `sich_aus.ruhen`, `zu_Hause_bleiben`. */
export function parseGermanVerb(entry: string): GermanVerb {
  const words = entry.split('_')
  const reflexive = words[0] === 'sich'
  const infinitive = words.at(-1)!
  const [prefix, base] = infinitive.includes('.') ? infinitive.split('.') : ['', infinitive]
  const irregular = strong.get(infinitive) ?? strong.get(base)
  const er = irregular?.er ?? weakThird(base)
  const participle = irregular?.participle ?? (/^(be|ver|zer|er|ent|ge)|ieren$/.test(base) ? er : `ge${er}`)
  return {
    reflexive,
    fixed: words.slice(reflexive ? 1 : 0, -1).join(' '),
    prefix,
    base,
    er,
    participle: strong.has(infinitive) && prefix ? participle : prefix + participle,
    sein: irregular?.sein ?? false,
  }
}

const stemOf = (infinitive: string) =>
  /e[lr]n$/.test(infinitive) ? infinitive.slice(0, -1) : infinitive.replace(/e?n$/, '')
function weakThird(infinitive: string): string {
  const stem = stemOf(infinitive)
  return /([dt]|[^aeiouäöülrhmn]n|[^aeiouäöülrhm]m|chn)$/.test(stem) ? `${stem}et` : `${stem}t`
}

const IRREGULAR_PRESENT: Record<string, Record<Person, string>> = {
  sein: { ich: 'bin', du: 'bist', er: 'ist', sie: 'sind' },
  haben: { ich: 'habe', du: 'hast', er: 'hat', sie: 'haben' },
  werden: { ich: 'werde', du: 'wirst', er: 'wird', sie: 'werden' },
  wissen: { ich: 'weiß', du: 'weißt', er: 'weiß', sie: 'wissen' },
  können: { ich: 'kann', du: 'kannst', er: 'kann', sie: 'können' },
  müssen: { ich: 'muss', du: 'musst', er: 'muss', sie: 'müssen' },
  dürfen: { ich: 'darf', du: 'darfst', er: 'darf', sie: 'dürfen' },
  wollen: { ich: 'will', du: 'willst', er: 'will', sie: 'wollen' },
  möchten: { ich: 'möchte', du: 'möchtest', er: 'möchte', sie: 'möchten' },
}
const PRETERITE_STEM: Record<string, string> = {
  haben: 'hatte',
  können: 'konnte',
  müssen: 'musste',
  dürfen: 'durfte',
  wollen: 'wollte',
  sollen: 'sollte',
}

/** The finite present form, without the separable prefix. */
export function present(verb: Pick<GermanVerb, 'base' | 'er'>, person: Person): string {
  const irregular = IRREGULAR_PRESENT[verb.base]
  if (irregular) return irregular[person]
  if (person === 'sie') return verb.base
  if (person === 'er') return verb.er
  if (person === 'du') {
    const stem = verb.er.slice(0, -1)
    return /[sßzx]$/.test(stem) ? verb.er : `${stem}st`
  }
  if (verb.base.endsWith('eln')) return `${verb.base.slice(0, -3)}le`
  return `${stemOf(verb.base)}e`
}

/** The preterite of sein, haben and the modals. */
export function preterite(base: string, person: Person): string {
  if (base === 'sein') return { ich: 'war', du: 'warst', er: 'war', sie: 'waren' }[person]
  const stem = PRETERITE_STEM[base]
  return { ich: stem, du: `${stem}st`, er: stem, sie: `${stem}n` }[person]
}

/** The familiar imperative: gieß, nimm, fang (an), öffne. */
export function imperative(verb: GermanVerb): string {
  const stem = stemOf(verb.base)
  const third = verb.er.replace(/e?t$/, '')
  // e → i(e) carries over to the imperative (gib, lies); a → ä does not (fahr).
  if (/i/.test(third) && !/i/.test(stem)) return verb.er.replace(/t$/, '')
  if (/e[lr]n$/.test(verb.base)) return verb.base.endsWith('eln') ? `${verb.base.slice(0, -3)}le` : `${stem}e`
  return /([dt]|[^aeiouäöülrhmn]n|chn|[^aeiouäöülrhm]m|ig)$/.test(stem) ? `${stem}e` : stem
}

/** The reflexive pronoun (accusative). */
export const reflexive = (person: Person, we: boolean): string =>
  ({ ich: 'mich', du: 'dich', er: 'sich', sie: we ? 'uns' : 'sich' })[person]
