import {
  type Clause,
  englishRelative,
  englishStatement,
  germanQuestion,
  germanRelative,
  germanStatement,
  germanSubordinate,
  MODAL_FORMS,
} from './clause.ts'
import { anyClause, intransitive, personClause, transitive } from './compose.ts'
import * as german from './german.ts'
import { adjectivesFor, doneByPeople, nounsFor, type Pair, pairs, TRANSITIVES, WEATHER } from './lexicon.ts'
import * as words from './lexicon-phrases.ts'
import { type Pattern, sentence, statement, type Weighted } from './patterns.ts'
import { copula } from './patterns-descriptive.ts'
import { isCountable, isHuman, nounPhrase, pronounFor, subjectPhrase } from './phrase.ts'

/** Sentences of two clauses for every topic: subordinate and relative clauses, coordination. */

const DEGREES = pairs(words.DEGREES)
const SAYING = pairs(words.SAYING)
const weatherConditions: readonly Pair[] = [
  ['it is raining', 'es regnet'],
  ['it is snowing', 'es schneit'],
  ['the sun is shining', 'die Sonne scheint'],
  ['it is hailing', 'es hagelt'],
  ['the wind is blowing', 'der Wind weht'],
  ['a storm is coming', 'ein Sturm kommt'],
  ...WEATHER.map(({ en, de }): Pair => [`it is ${en}`, `es ${de} ist`]),
]

const reported: Pattern = (draw, topic) => {
  const [en, de] = draw.pick(SAYING)
  const speaker = subjectPhrase(draw, nounsFor('person'))
  const clause = anyClause(draw, topic, { plain: true })
  const saying: Clause = { subject: speaker, verb: verb(en, de), form: draw.chance(0.75) ? 'present' : 'past' }
  return sentence(
    `${englishStatement(saying)} that ${englishStatement(clause)}`,
    `${germanStatement(saying)}, ${germanSubordinate(clause, 'dass')}`,
  )
}
const verb = (en: string, de: string) => ({ en, de: german.parseGermanVerb(de) })

/** Wenn, weil, obwohl: with the weather as a condition, before or after the main clause. */
const conditional: Pattern = (draw, topic) => {
  const [enWord, deWord] = draw.pick<Pair>([
    ['if', 'wenn'],
    ['because', 'weil'],
    ['although', 'obwohl'],
    ['as soon as', 'sobald'],
    ['while', 'während'],
  ])
  const present = enWord !== 'if' && enWord !== 'as soon as'
  const form = present
    ? draw.chance(0.5)
      ? 'present'
      : 'progressive'
    : draw.pick(['present', 'future', ...MODAL_FORMS.slice(0, 3)] as const)
  const clause = (draw.chance(0.6) ? personClause : anyClause)(draw, topic, { form, plain: true, time: false })
  const [en, de] = draw.pick(weatherConditions)
  if (draw.chance(0.5))
    return sentence(`${enWord} ${en}, ${englishStatement(clause)}`, `${deWord} ${de}, ${germanQuestion(clause)}`)
  return sentence(`${englishStatement(clause)} ${enWord} ${en}`, `${germanStatement(clause)}, ${deWord} ${de}`)
}

/** … because it is ripe: the pronoun agrees with the object in front of it. */
const reason: Pattern = (draw, topic) => {
  const frames = TRANSITIVES[topic].filter(({ objects }) =>
    objects.some(entry => adjectivesFor(entry).length > 0 && isCountable(entry) && !isHuman(entry)),
  )
  const frame = draw.pick(frames)
  const plural = draw.chance(0.35)
  const entry = draw.pick(
    frame.objects.filter(object => adjectivesFor(object).length > 0 && isCountable(object) && !isHuman(object)),
  )
  const object = nounPhrase(entry, 'the', { plural })
  const isPast = draw.chance(0.4)
  const clause = transitive(
    draw,
    topic,
    { form: isPast ? 'past' : 'present', time: false, place: false, plain: true },
    frame,
    object,
  )
  const it = pronounFor(object)
  const be = copula(it, isPast)
  const adjective = draw.pick(
    adjectivesFor(entry).filter(({ en }) => !/^(golden|wooden|woollen|rare|homemade)$/.test(en)),
  )
  const degree = draw.chance(0.3) ? draw.pick(DEGREES.slice(0, 4)) : ['', '']
  const [enWord, deWord] = draw.chance(0.75) ? ['because', 'weil'] : ['although', 'obwohl']
  return sentence(
    `${englishStatement(clause)} ${enWord} ${it.en} ${be.en} ${degree[0]} ${adjective.en}`.replace('  ', ' '),
    `${germanStatement(clause)}, ${deWord} ${it.de('nom')} ${degree[1]} ${adjective.de} ${be.de}`.replace('  ', ' '),
  )
}

/** The roses that the gardener waters are red. */
const relativeObject: Pattern = (draw, topic) => {
  const frames = TRANSITIVES[topic].filter(({ objects }) => objects.some(entry => adjectivesFor(entry).length > 0))
  const frame = draw.pick(frames)
  const entry = draw.pick(frame.objects.filter(object => adjectivesFor(object).length > 0))
  const head = nounPhrase(entry, 'the', { plural: isCountable(entry) && draw.chance(0.35) })
  const clause = transitive(
    draw,
    topic,
    { negatable: false, plain: true, place: false, thirdOnly: draw.chance(0.7) },
    frame,
    head,
  )
  if (clause.subject.noun === entry) return relativeSubject(draw, topic)
  const inner: Clause = { ...clause, enObject: '', deObject: undefined }
  const be = copula(head, false)
  const adjective = draw.pick(adjectivesFor(entry))
  const degree = draw.chance(0.3) ? draw.pick(DEGREES) : undefined
  const pronoun = isHuman(entry) ? 'whom' : 'that'
  return sentence(
    `${head.en} ${englishRelative(inner, pronoun, false)} ${be.en} ${degree ? `${degree[0]} ` : ''}${adjective.en}`,
    `${head.de('nom')}, ${germanRelative(inner, german.relative(head.gender, head.plural, 'acc'), false)}, ${be.de} ${degree ? `${degree[1]} ` : ''}${adjective.de}`,
  )
}

/** I know the woman who sells the apples. */
const relativeSubject: Pattern = (draw, topic) => {
  const entry = draw.pick(nounsFor('person'))
  const head = nounPhrase(entry, draw.chance(0.6) ? 'the' : 'a')
  const inner = personClause(draw, topic, { subject: head, negatable: true, plain: true, place: false })
  const knower = subjectPhrase(draw, nounsFor('person'))
  const [en, de] = draw.pick<Pair>([
    ['know', 'kennen'],
    ['see', 'sehen'],
    ['look for', 'suchen'],
    ['meet', 'treffen'],
    ['greet', 'begrüßen'],
  ])
  const outer: Clause = {
    subject: knower,
    verb: verb(en, de),
    form: draw.chance(0.6) ? 'present' : 'past',
    enObject: head.en,
    deObject: head.de('acc'),
  }
  if (knower.noun === entry) return relativeObject(draw, topic)
  return sentence(
    `${englishStatement(outer)} ${englishRelative(inner, 'who', true)}`,
    `${germanStatement(outer)}, ${germanRelative(inner, german.relative(head.gender, false, 'nom'), true)}`,
  )
}

/** The gardener buys a rose and plants it. */
const continued: Pattern = (draw, topic) => {
  const frames = TRANSITIVES[topic].filter(doneByPeople)
  const firstFrame = draw.pick(frames)
  const form = draw.pick(['present', 'past', 'future', MODAL_FORMS[0], MODAL_FORMS[1]] as const)
  const subject = subjectPhrase(draw, nounsFor('person'))
  const entry = draw.pick(firstFrame.objects)
  const shared = frames.filter(frame => frame.de !== firstFrame.de && frame.objects.includes(entry))
  if (shared.length === 0 || entry === subject.noun) return statement(draw, topic)
  const secondFrame = draw.pick(shared)
  const object = nounPhrase(entry, isCountable(entry) && !isHuman(entry) && draw.chance(0.4) ? 'a' : 'the', {
    plural: false,
    adjective: draw.chance(0.25) && adjectivesFor(entry).length ? draw.pick(adjectivesFor(entry)) : undefined,
  })
  const wishes = { subject, form, negatable: false, plain: true, time: false, place: false }
  const first = transitive(draw, topic, wishes, firstFrame, object)
  const again = transitive(draw, topic, { ...wishes, subject: pronounFor(subject) }, secondFrame, pronounFor(object))
  const [en, de] = draw.pick<Pair>([
    ['and', 'und'],
    ['but', 'aber'],
    ['and then', 'und dann'],
  ])
  const rest = en === 'and then' ? germanQuestion(again, de) : `${de} ${germanStatement(again)}`
  return sentence(`${englishStatement(first)}, ${en} ${englishStatement(again)}`, `${germanStatement(first)}, ${rest}`)
}

const linked: Pattern = (draw, topic) => {
  const [en, de] = draw.pick<Pair>([
    ['but', 'aber'],
    ['and', 'und'],
  ])
  const first = anyClause(draw, topic, { plain: true, time: false, place: false })
  const second = anyClause(draw, topic, {
    plain: true,
    place: false,
    form: typeof first.form === 'object' ? undefined : first.form,
  })
  return sentence(
    `${englishStatement(first)}, ${en} ${englishStatement(second)}`,
    `${germanStatement(first)}, ${de} ${germanStatement(second)}`,
  )
}

/** Before: the subordinate clause takes the first place, the verb stays second. */
const before: Pattern = (draw, topic) => {
  const subject = subjectPhrase(draw, nounsFor('person'))
  const main = personClause(draw, topic, {
    subject,
    form: 'present',
    negatable: false,
    plain: true,
    time: false,
    place: false,
  })
  const early = intransitive(draw, topic, { form: 'present', negatable: false, plain: true, time: false, place: false })
  return sentence(
    `before ${englishStatement(early)}, ${englishStatement(main)}`,
    `${germanSubordinate(early, 'bevor')}, ${germanQuestion(main)}`,
  )
}

const wondering: Pattern = (draw, topic) => {
  const clause = anyClause(draw, topic, { plain: true, negatable: false })
  const [en, de] = draw.pick<Pair>([
    ['I do not know', 'Ich weiß nicht'],
    ['nobody knows', 'Niemand weiß'],
    ['we would like to know', 'Wir möchten wissen'],
    ['do you know', 'Wissen Sie'],
  ])
  const [enWord, deWord] = draw.pick<Pair>([
    ['whether', 'ob'],
    ['when', 'wann'],
    ['why', 'warum'],
  ])
  const inner = enWord === 'when' ? { ...clause, time: undefined } : clause
  return sentence(
    `${en} ${enWord} ${englishStatement(inner)}`,
    `${de}, ${germanSubordinate(inner, deWord)}`,
    en.startsWith('do ') ? '?' : '.',
  )
}

export const COMPLEX: Weighted = [
  [6, reported],
  [6, conditional],
  [7, reason],
  [4, relativeObject],
  [4, relativeSubject],
  [4, continued],
  [4, linked],
  [1.5, before],
  [3, wondering],
]
