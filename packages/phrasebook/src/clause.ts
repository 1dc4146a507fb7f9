import { be, gerund, participle, past, thirdPerson } from './english.ts'
import * as german from './german.ts'
import type { Pair, VerbPair } from './lexicon.ts'
import type { Phrase } from './phrase.ts'

/** Clauses: one content, rendered in English and, verb second, verb first or verb last, in German. */

export type Form = 'present' | 'progressive' | 'past' | 'perfect' | 'future' | Modal
export interface Modal {
  /** The English auxiliary (can) or verb with to (has to), in the present or the past. */
  readonly en: string
  readonly lexical: boolean
  readonly de: string
  readonly past: boolean
}
export const MODAL_FORMS: readonly Modal[] = [
  { en: 'can', lexical: false, de: 'können', past: false },
  { en: 'must', lexical: false, de: 'müssen', past: false },
  { en: 'should', lexical: false, de: 'sollen', past: true },
  { en: 'may', lexical: false, de: 'dürfen', past: false },
  { en: 'could', lexical: false, de: 'können', past: true },
  { en: 'would like to', lexical: false, de: 'möchten', past: false },
  { en: 'want to', lexical: true, de: 'wollen', past: false },
  { en: 'have to', lexical: true, de: 'müssen', past: false },
  { en: 'want to', lexical: true, de: 'wollen', past: true },
  { en: 'have to', lexical: true, de: 'müssen', past: true },
]

export interface Clause {
  readonly subject: Phrase
  readonly verb: VerbPair
  readonly form: Form
  /** not / nicht; a German kein stands in `object` and is marked by `kein`. */
  readonly negative?: boolean
  readonly kein?: boolean
  /** English words between auxiliary and verb (often), after the verb (objects), and last (where and when). */
  readonly enMid?: string
  readonly enObject?: string
  readonly enWhere?: string
  readonly time?: Pair
  readonly enManner?: string
  /** The German middle field, in its order: pronouns, dative, [time], frequency and manner, object, [nicht], place. */
  readonly dePronoun?: string
  readonly deDative?: string
  readonly deMid?: string
  readonly deObject?: string
  readonly dePlace?: string
}

const join = (...words: (string | undefined | false)[]) => words.filter(Boolean).join(' ')
const isModal = (form: Form): form is Modal => typeof form === 'object'

/** The English verb group: an auxiliary if there is one, and the rest. */
function englishVerb(clause: Clause, forceDo: boolean): { aux: string; rest: string } {
  const { verb, form, subject } = clause
  const who = subject.enPerson
  const base = verb.en
  const isBe = /^be\b/.test(base)
  const does = (isPast: boolean) => (isPast ? 'did' : who === 'he' ? 'does' : 'do')
  if (isModal(form)) {
    if (!form.lexical) {
      const [aux, ...more] = form.en.split(' ')
      return { aux, rest: join(...more, base) }
    }
    if (forceDo) return { aux: does(form.past), rest: `${form.en} ${base}` }
    const finite = form.past ? past(form.en) : who === 'he' ? thirdPerson(form.en) : form.en
    return { aux: '', rest: `${finite} ${base}` }
  }
  switch (form) {
    case 'future':
      return { aux: 'will', rest: base }
    case 'perfect':
      return { aux: who === 'he' ? 'has' : 'have', rest: participle(base) }
    case 'progressive':
      return { aux: be(who, false), rest: gerund(base) }
    case 'present':
    case 'past': {
      const isPast = form === 'past'
      if (isBe) return { aux: be(who, isPast), rest: base.slice(3) }
      if (forceDo) return { aux: does(isPast), rest: base }
      return { aux: '', rest: isPast ? past(base) : who === 'he' ? thirdPerson(base) : base }
    }
    default:
      return form satisfies never
  }
}

const englishRest = (clause: Clause, rest: string, fronted: boolean) =>
  join(clause.enMid, rest, clause.enObject, clause.enManner, clause.enWhere, !fronted && clause.time?.[0])

/** The English statement; also the form after a conjunction. `fronted`: the time stands first. */
export function englishStatement(clause: Clause, fronted = false): string {
  const { aux, rest } = englishVerb(clause, !!clause.negative)
  const front = fronted && clause.time ? `${clause.time[0]},` : ''
  return join(front, clause.subject.en, aux, clause.negative && 'not', englishRest(clause, rest, fronted))
}

/** The English question, after an optional question word. */
export function englishQuestion(clause: Clause, word = ''): string {
  const { aux, rest } = englishVerb(clause, true)
  return join(word, aux, clause.subject.en, clause.negative && 'not', englishRest(clause, rest, false))
}

/** The German finite verb and what stands at the clause's end. */
function germanVerb(clause: Clause): { finite: string; tail: string; prefix: string } {
  const { form, subject } = clause
  const verb = clause.verb.de
  const infinitive = join(verb.fixed, verb.prefix + verb.base)
  const who = subject.person
  if (isModal(form)) {
    const finite = form.past ? german.preterite(form.de, who) : german.present({ base: form.de, er: '' }, who)
    return { finite, tail: infinitive, prefix: '' }
  }
  switch (form) {
    case 'future':
      return { finite: german.present({ base: 'werden', er: '' }, who), tail: infinitive, prefix: '' }
    case 'past':
    case 'perfect': {
      if (verb.base === 'sein' || verb.base === 'haben')
        return { finite: german.preterite(verb.base, who), tail: '', prefix: '' }
      const finite = german.present({ base: verb.sein ? 'sein' : 'haben', er: '' }, who)
      return { finite, tail: join(verb.fixed, verb.participle), prefix: '' }
    }
    case 'present':
    case 'progressive':
      return { finite: german.present(verb, who), tail: verb.fixed, prefix: verb.prefix }
    default:
      return form satisfies never
  }
}

function middle(clause: Clause, fronted: boolean): string {
  const { verb, subject } = clause
  return join(
    verb.de.reflexive && german.reflexive(subject.person, !!subject.we),
    clause.dePronoun,
    clause.deDative,
    !fronted && clause.time?.[1],
    clause.form === 'progressive' && 'gerade',
    clause.deMid,
    clause.deObject,
    clause.negative && !clause.kein && 'nicht',
    clause.dePlace,
  )
}

/** Verb second: subject or time first. */
export function germanStatement(clause: Clause, fronted = false): string {
  const { finite, tail, prefix } = germanVerb(clause)
  const subject = clause.subject.de('nom')
  const start = fronted && clause.time ? [clause.time[1], finite, subject] : [subject, finite]
  return join(...start, middle(clause, fronted), tail, prefix)
}

/** Verb first, or second after a question word; also the order after a fronted clause or adverb. */
export function germanQuestion(clause: Clause, word = ''): string {
  const { finite, tail, prefix } = germanVerb(clause)
  return join(word, finite, clause.subject.de('nom'), middle(clause, false), tail, prefix)
}

/** Verb last, after a conjunction. */
export function germanSubordinate(clause: Clause, conjunction: string): string {
  const { finite, tail, prefix } = germanVerb(clause)
  return join(conjunction, clause.subject.de('nom'), middle(clause, false), tail, prefix + finite)
}

/** Verb last in a relative clause whose pronoun is the subject or object. */
export function germanRelative(clause: Clause, pronoun: string, asSubject: boolean): string {
  const { finite, tail, prefix } = germanVerb(clause)
  return join(pronoun, !asSubject && clause.subject.de('nom'), middle(clause, false), tail, prefix + finite)
}

/** The English relative clause about the object (that the gardener waters) or the subject (who waters the roses). */
export function englishRelative(clause: Clause, pronoun: string, asSubject: boolean): string {
  const { aux, rest } = englishVerb(clause, !!clause.negative)
  return join(pronoun, !asSubject && clause.subject.en, aux, clause.negative && 'not', englishRest(clause, rest, false))
}
