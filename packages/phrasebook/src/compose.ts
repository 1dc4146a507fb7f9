import { type Clause, type Form, MODAL_FORMS } from './clause.ts'
import type { Draw } from './draw.ts'
import * as german from './german.ts'
import {
  DATIVES,
  doneByPeople,
  type Frame,
  GIVING,
  INTRANSITIVES,
  type Noun,
  nounsFor,
  type Pair,
  PREPOSITIONALS,
  PUTTINGS,
  pairs,
  type Topic,
  TRANSITIVES,
  verbPair,
} from './lexicon.ts'
import * as words from './lexicon-phrases.ts'
import { enObject, negated, nounPhrase, objectPhrase, type Phrase, subjectPhrase } from './phrase.ts'

/** Composes clauses: a verb frame, its subject and objects, a tense, and a time, place and manner to suit them. */

const TIMES = {
  habit: pairs(words.TIMES.habit),
  past: [...pairs(words.TIMES.past), ...pairs(words.TIMES.now)],
  future: [...pairs(words.TIMES.future), ...pairs(words.TIMES.now)],
}
const FREQUENCIES = pairs(words.FREQUENCIES)
const MANNERS = pairs(words.MANNERS)
const CITIES = pairs(words.CITIES)
const COUNTRIES = pairs(words.COUNTRIES)

const weekdays = nounsFor('weekday')
const months = nounsFor('month')
const seasons = nounsFor('season')

/** A time that a clause in this tense can have. */
export function timeFor(draw: Draw, form: Form): Pair | undefined {
  if (form === 'progressive' || form === 'perfect') return undefined
  const isPast = form === 'past' || (typeof form === 'object' && form.past && form.de !== 'sollen')
  const table = isPast ? TIMES.past : form === 'present' ? TIMES.habit : TIMES.future
  const day = draw.pick(weekdays)
  return draw.weighted<() => Pair>([
    [6, () => draw.pick(table)],
    [
      1,
      () =>
        form === 'present'
          ? [`on ${day.enPlural}`, `${day.singular.toLowerCase()}s`]
          : [`on ${day.en}`, `am ${day.singular}`],
    ],
    [
      1,
      () => {
        const month = draw.pick(months)
        return [`in ${month.en}`, `im ${month.singular}`]
      },
    ],
    [
      1,
      () => {
        const season = draw.pick(seasons)
        return [`in ${season.en}`, `im ${season.singular}`]
      },
    ],
  ])()
}

const PLACES = (
  [
    ['placeIn', 'in', 'in', 'into', 'in'],
    ['placeOn', 'on', 'auf', 'onto', 'auf'],
    ['placeAt', 'at', 'an', 'to', 'zu'],
    ['placeShop', 'at', 'in', 'to', 'in'],
  ] as const
).map(([kind, en, de, enTo, deTo]) => ({ nouns: nounsFor(kind), en, de, enTo, deTo }))
const PLACES_OF: Record<Topic, readonly number[]> = {
  garden: [0, 0, 1],
  weather: [1, 2, 2],
  market: [1, 3, 3, 2],
  travel: [2, 2, 3, 0],
}

/** Where something happens: im Garten, am Bahnhof, in Wien. */
export function placeFor(draw: Draw, topic: Topic): Pair {
  if ((topic === 'travel' || topic === 'weather') && draw.chance(0.35)) {
    const [en, de] = draw.pick(draw.chance(0.75) ? CITIES : COUNTRIES)
    return [`in ${en}`, `in ${de}`]
  }
  const { nouns, en, de } = PLACES[draw.pick(PLACES_OF[topic])]
  const place = nounPhrase(draw.pick(nouns), 'the')
  return [`${en} ${place.en}`, german.preposition(de, place.de('dat'))]
}

/** Where something goes: in den Garten, zum Bahnhof, nach Wien. */
export function directionFor(draw: Draw, topic: Topic): Pair {
  if (topic === 'travel' && draw.chance(0.6)) {
    const [en, de] = draw.pick(draw.chance(0.7) ? CITIES : COUNTRIES)
    return [`to ${en}`, `nach ${de}`]
  }
  const { nouns, enTo, deTo } = PLACES[draw.pick(PLACES_OF[topic])]
  const place = nounPhrase(draw.pick(nouns), 'the')
  return [`${enTo} ${place.en}`, german.preposition(deTo, place.de(deTo === 'zu' ? 'dat' : 'acc'))]
}

const STATIVE =
  /^(bloom|love|know|see|hear|need|understand|hate|fear|forget|smell|admire|miss|find|reach|trust|believe|expect|be |get used|think of|damage|destroy|lose|stay|begin|stop)/
/** What nobody can set about doing takes no modal verb. */
const UNWILLED =
  /^(love|fear|hate|miss|need|know|expect|forget|lose|catch a cold|get lost|freeze|sweat|die|dream|worry)/
const modalsForThings = MODAL_FORMS.filter(modal => ['can', 'could', 'should', 'must'].includes(modal.en))

export function formFor(draw: Draw, verb: string, subject: Phrase): Form {
  const alive = !subject.noun || ['man', 'woman'].includes(subject.noun.kind)
  return draw.weighted<() => Form>([
    [32, () => 'present'],
    [STATIVE.test(verb) ? 0 : 8, () => 'progressive'],
    [24, () => 'past'],
    [verb === 'be' ? 0 : 6, () => 'perfect'],
    [12, () => 'future'],
    [UNWILLED.test(verb) ? 0 : 18, () => draw.pick(alive ? MODAL_FORMS : modalsForThings)],
  ])()
}

export interface Wishes {
  readonly subject?: Phrase
  readonly form?: Form
  /** Allow not / nicht / kein; time, place, manner. */
  readonly negatable?: boolean
  readonly time?: boolean
  readonly place?: boolean
  readonly plain?: boolean
  readonly thirdOnly?: boolean
}

const SAME_PAST = /^(cut|put|read|set|cost)\b/

type Base = Pick<Clause, 'subject' | 'verb' | 'form'> & Partial<Clause>

/** Adds tense, negation, time, place and manner to a verb with its objects. */
function finish(
  draw: Draw,
  topic: Topic,
  base: Omit<Base, 'form'>,
  wishes: Wishes,
  mayPlace: boolean,
  enPhrase = '',
  object?: Phrase,
): Clause {
  const wished = wishes.form ?? formFor(draw, base.verb.en, base.subject)
  // "They put" could be present or past: it is always the present here.
  const form = wished === 'past' && base.subject.enPerson !== 'he' && SAME_PAST.test(base.verb.en) ? 'present' : wished
  const mustNot = typeof form === 'object' && (form.en === 'must' || form.en === 'would like to' || form.en === 'may')
  const negative = !!wishes.negatable && !mustNot && form !== 'perfect' && form !== 'progressive' && draw.chance(0.16)
  const no = negative && object && !base.deDative ? negated(object) : undefined
  const everyDay = negative && form === 'present'
  const timed = !everyDay && wishes.time !== false && draw.chance(wishes.plain ? 0.25 : 0.55)
  const mid = negative || wishes.plain ? undefined : midfield(draw, form, base.subject)
  const place = mayPlace && wishes.place !== false && !negative && draw.chance(0.38) ? placeFor(draw, topic) : undefined
  const shown = no?.phrase ?? object
  const subject = base.subject
  return {
    ...base,
    subject,
    form,
    negative,
    kein: no?.kein,
    enMid: mid?.enMid,
    enManner: mid?.enManner,
    deMid: mid?.de,
    enObject: [base.enObject, shown && enObject(shown), enPhrase].filter(Boolean).join(' '),
    deObject: shown && !shown.isPronoun ? shown.de('acc') : undefined,
    dePronoun: shown?.isPronoun ? shown.de('acc') : undefined,
    enWhere: place?.[0],
    dePlace: [place?.[1], base.dePlace].filter(Boolean).join(' '),
    time: timed ? timeFor(draw, form) : undefined,
  }
}

function midfield(
  draw: Draw,
  form: Form,
  subject: Phrase,
): { enMid?: string; enManner?: string; de?: string } | undefined {
  if (form === 'perfect' && draw.chance(0.7))
    return draw.chance(0.5) ? { enMid: 'already', de: 'schon' } : { enMid: 'finally', de: 'endlich' }
  if (form === 'present' && draw.chance(0.22)) {
    const [enMid, de] = draw.pick(FREQUENCIES)
    return { enMid, de }
  }
  const isPerson = !subject.noun || ['man', 'woman'].includes(subject.noun.kind)
  if (isPerson && draw.chance(0.12)) {
    const [enManner, de] = draw.pick(MANNERS)
    return { enManner, de }
  }
  return undefined
}

const subjectOf = (draw: Draw, frame: Frame, wishes: Wishes) =>
  wishes.subject ?? subjectPhrase(draw, frame.subjects, wishes)

/** An object that is not the subject again. */
function distinctObject(draw: Draw, nouns: readonly Noun[], subject: Phrase, definite = false): Phrase {
  for (;;) {
    const object = objectPhrase(draw, nouns, subject, definite)
    if (object.noun !== subject.noun) return object
  }
}

const SEPARATING = new Set(['up', 'down', 'away', 'on', 'off', 'in', 'along'])
/** Objects that are places themselves take no further place. */
const PLACED = /^(building|landscape|place|structure)/

export function transitive(
  draw: Draw,
  topic: Topic,
  wishes: Wishes = {},
  frame: Frame = draw.pick(TRANSITIVES[topic]),
  object?: Phrase,
): Clause {
  const subject = subjectOf(draw, frame, wishes)
  const what = object ?? distinctObject(draw, frame.objects, subject)
  // dig the potatoes up is left alone, but a pronoun goes before the particle: dig them up.
  const [head, particle = ''] = frame.en.split(' ')
  const splits = what.isPronoun && SEPARATING.has(particle)
  const verb = splits ? { ...frame, en: head } : frame
  const mayPlace = !what.noun || !PLACED.test(what.noun.kind)
  return finish(draw, topic, { subject, verb }, { negatable: true, ...wishes }, mayPlace, splits ? particle : '', what)
}

export function intransitive(
  draw: Draw,
  topic: Topic,
  wishes: Wishes = {},
  frame: Frame = draw.pick(INTRANSITIVES[topic]),
): Clause {
  return finish(
    draw,
    topic,
    { subject: subjectOf(draw, frame, wishes), verb: frame },
    { negatable: true, ...wishes },
    frame.en !== 'stay at home',
  )
}

export function giving(draw: Draw, topic: Topic, wishes: Wishes = {}): Clause {
  const frame = draw.pick(GIVING)
  const subject = subjectOf(draw, frame, wishes)
  const receiver = distinctObject(draw, nounsFor('person'), subject, true)
  const what = objectPhrase(draw, frame.objects, subject)
  // English: gives the customer a rose; but gives back, reads aloud, explains, recommends the rose to the customer.
  const toPhrase = / |explain|recommend/.test(frame.en)
  const [verb, particle = ''] = frame.en.split(' ')
  const en = toPhrase ? '' : receiver.en
  const base = { subject, verb: { ...frame, en: verb }, deDative: receiver.de('dat'), enObject: en }
  return finish(
    draw,
    topic,
    base,
    { negatable: false, ...wishes },
    false,
    [particle, toPhrase && `to ${receiver.en}`].filter(Boolean).join(' '),
    what,
  )
}

export function dative(draw: Draw, topic: Topic, wishes: Wishes = {}): Clause {
  const frame = draw.pick(DATIVES)
  const subject = subjectOf(draw, frame, wishes)
  const receiver = distinctObject(draw, frame.objects, subject, true)
  return finish(
    draw,
    topic,
    { subject, verb: frame, enObject: receiver.en, deDative: receiver.de('dat') },
    { negatable: true, ...wishes },
    true,
  )
}

export function prepositional(
  draw: Draw,
  topic: Topic,
  wishes: Wishes = {},
  frame: Frame = draw.pick(PREPOSITIONALS),
): Clause {
  const subject = subjectOf(draw, frame, wishes)
  const object = distinctObject(draw, frame.objects, subject, true)
  const dePlace = german.preposition(frame.preposition!, object.de(frame.prepositionCase!))
  return finish(
    draw,
    topic,
    { subject, verb: frame, enObject: object.en, dePlace },
    { negatable: true, ...wishes },
    false,
  )
}

/** stellt die Vase auf den Tisch, hängt das Bild neben den Spiegel. */
export function putting(draw: Draw, topic: Topic, wishes: Wishes = {}): Clause {
  const frame = draw.pick(PUTTINGS)
  const subject = subjectOf(draw, frame, wishes)
  const what = objectPhrase(draw, frame.objects, subject)
  const [en, de] = draw.pick(
    frame.en === 'hang'
      ? [
          ['next to', 'neben'],
          ['in front of', 'vor'],
        ]
      : [
          ['on', 'auf'],
          ['under', 'unter'],
          ['next to', 'neben'],
          ['behind', 'hinter'],
          ['in front of', 'vor'],
        ],
  )
  const where = nounPhrase(draw.pick(nounsFor(frame.en === 'hang' ? 'hangers' : 'furniture')), 'the')
  return finish(
    draw,
    topic,
    { subject, verb: frame, dePlace: `${de} ${where.de('acc')}` },
    { negatable: true, ...wishes },
    false,
    `${en} ${where.en}`,
    what,
  )
}

const GO = verbPair('go', 'gehen')
const VEHICLES = nounsFor('vehicle')
/** Going somewhere: on foot gehen, by vehicle fahren or fliegen; the English verb is one. */
export function motion(draw: Draw, topic: Topic, wishes: Wishes = {}): Clause {
  const subject = wishes.subject ?? subjectPhrase(draw, nounsFor('person'), wishes)
  const local = topic !== 'travel' || draw.chance(0.3)
  const [enWhere, deWhere] = directionFor(draw, local ? 'market' : 'travel')
  if (local && !/^nach /.test(deWhere))
    return finish(
      draw,
      topic,
      { subject, verb: GO, dePlace: deWhere, enObject: enWhere },
      { negatable: true, ...wishes },
      false,
    )
  const vehicle = draw.pick(VEHICLES.filter(entry => entry.en !== 'lorry'))
  const by = nounPhrase(vehicle, 'the')
  const verb = verbPair('go', vehicle.en === 'plane' ? 'fliegen' : 'fahren')
  const dePlace = `${german.preposition('mit', by.de('dat'))} ${deWhere}`
  return finish(
    draw,
    topic,
    { subject, verb, dePlace, enObject: `${enWhere} by ${vehicle.en}` },
    { negatable: true, ...wishes },
    false,
  )
}

/** A clause of any kind that suits the topic. */
export function anyClause(draw: Draw, topic: Topic, wishes: Wishes = {}): Clause {
  const kinds = {
    garden: [50, 16, 7, 4, 4, 3, 2],
    weather: [44, 34, 2, 2, 8, 3, 4],
    market: [46, 14, 18, 5, 4, 8, 8],
    travel: [40, 18, 8, 6, 10, 4, 20],
  }[topic]
  const make = [transitive, intransitive, giving, dative, prepositional, putting, motion]
  return draw.weighted(make.map((build, i) => [kinds[i], build] as const))(draw, topic, wishes)
}

/** A clause whose subject is a person. */
export function personClause(draw: Draw, topic: Topic, wishes: Wishes = {}): Clause {
  const frames = TRANSITIVES[topic].filter(doneByPeople)
  return draw.weighted<() => Clause>([
    [60, () => transitive(draw, topic, wishes, draw.pick(frames))],
    [8, () => giving(draw, topic, wishes)],
    [6, () => dative(draw, topic, wishes)],
    [8, () => prepositional(draw, topic, wishes)],
    [18, () => motion(draw, topic, wishes)],
  ])()
}
