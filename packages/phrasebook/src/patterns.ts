import {
  type Clause,
  englishQuestion,
  englishStatement,
  germanQuestion,
  germanStatement,
  MODAL_FORMS,
} from './clause.ts'
import { anyClause, personClause, transitive } from './compose.ts'
import type { Draw } from './draw.ts'
import * as german from './german.ts'
import { nounsFor, type Pair, pairs, type Topic, TRANSITIVES } from './lexicon.ts'
import * as words from './lexicon-phrases.ts'
import { isHuman, namePhrase, nounPhrase, type Phrase, pronounFor, YOU_FAMILIAR, YOU_POLITE } from './phrase.ts'

/** Simple sentences for every topic: statements, questions, orders. */

export type Pattern = (draw: Draw, topic: Topic) => Pair

export const capital = (text: string): string => text[0].toUpperCase() + text.slice(1)
export const sentence = (en: string, de: string, mark = '.'): Pair => [capital(en) + mark, capital(de) + mark]

export type Weighted = readonly (readonly [number, Pattern])[]

const MOODS = pairs(words.MOODS)

export const statement: Pattern = (draw, topic) => {
  const clause = anyClause(draw, topic)
  const fronted = clause.time !== undefined && draw.chance(0.4)
  return sentence(englishStatement(clause, fronted), germanStatement(clause, fronted))
}

/** Perhaps, unfortunately …: the adverb takes the first place, the verb stays second. */
const mooded: Pattern = (draw, topic) => {
  const clause = anyClause(draw, topic, { plain: true })
  const [en, de] = draw.pick(MOODS)
  const comma = en === 'perhaps' ? '' : ','
  return sentence(`${en}${comma} ${englishStatement(clause)}`, germanQuestion(clause, de))
}

/** A vocative that tells du from Sie. */
export function addressee(draw: Draw): { name: Pair; you: Phrase } {
  if (draw.chance(0.5)) {
    const name = draw.chance(0.25)
      ? draw.pick<Pair>([
          ['Mum', 'Mama'],
          ['Dad', 'Papa'],
          ['Grandma', 'Oma'],
          ['Grandpa', 'Opa'],
        ])
      : undefined
    const en = namePhrase(draw).en
    return { name: name ?? [en, en], you: YOU_FAMILIAR }
  }
  const [surname] = draw.pick(surnames)
  const [en, de] = draw.pick<Pair>([
    ['Mr', 'Herr'],
    ['Mrs', 'Frau'],
  ])
  return { name: [`${en} ${surname}`, `${de} ${surname}`], you: YOU_POLITE }
}
const surnames = pairs(words.SURNAMES.replaceAll(/([^;\s]+)/g, '$1: $1'))

const FREE_FORMS = [
  ...MODAL_FORMS.filter(({ en, past }) => en !== 'may' && en !== 'could' && !(en === 'have to' && past)),
  'present',
  'present',
  'past',
  'future',
] as const

const question: Pattern = (draw, topic) => {
  if (draw.chance(0.45)) {
    const { name, you } = addressee(draw)
    const clause = personClause(draw, topic, {
      subject: you,
      form: draw.pick(FREE_FORMS),
      negatable: false,
      plain: true,
    })
    return sentence(`${name[0]}, ${englishQuestion(clause)}`, `${name[1]}, ${germanQuestion(clause)}`, '?')
  }
  const clause = anyClause(draw, topic, { negatable: false, plain: true })
  return sentence(englishQuestion(clause), germanQuestion(clause), '?')
}

const whQuestion: Pattern = (draw, topic) => {
  const [en, de] = draw.pick<Pair>([
    ['when', 'wann'],
    ['why', 'warum'],
    ['where', 'wo'],
    ['how often', 'wie oft'],
  ])
  const clause = (en === 'where' ? transitive : anyClause)(draw, topic, {
    negatable: false,
    plain: true,
    time: false,
    place: false,
  })
  return sentence(englishQuestion(clause, en), germanQuestion(clause, de), '?')
}

const whoQuestion: Pattern = (draw, topic) => {
  const who: Phrase = { ...pronounFor(nounPhrase(nounsFor('man')[0], 'the')), en: 'who', de: () => 'wer' }
  const clause = personClause(draw, topic, { subject: who, negatable: false, plain: true })
  return sentence(englishStatement(clause), germanStatement(clause), '?')
}

const whatQuestion: Pattern = (draw, topic) => {
  // Only the object tells malen from streichen.
  const frames = TRANSITIVES[topic].filter(({ en, objects }) => en !== 'paint' && !objects.some(isHuman))
  const clause = transitive(draw, topic, { negatable: false, plain: true }, draw.pick(frames))
  const asked: Clause = { ...clause, enObject: '', deObject: undefined }
  return sentence(englishQuestion(asked, 'what'), germanQuestion(asked, 'was'), '?')
}

/** Please water the roses, Mrs Weber. Anna, water the roses! */
const order: Pattern = (draw, topic) => {
  const { name, you } = addressee(draw)
  const clause = personClause(draw, topic, {
    subject: you,
    form: 'present',
    negatable: true,
    plain: true,
    time: false,
    place: false,
  })
  const infinitive = clause.verb.en.replace(/^be /, 'be ')
  const please = !clause.negative && draw.chance(0.5)
  const en = [`${name[0]},`, please && 'please', clause.negative && 'do not', infinitive, clause.enObject]
    .filter(Boolean)
    .join(' ')
  const bitte: Clause = please ? { ...clause, deMid: 'bitte' } : clause
  const germanOrder = germanQuestion(bitte)
  if (you === YOU_POLITE) return sentence(en, `${name[1]}, ${germanOrder}`, please ? '.' : '!')
  // The familiar imperative replaces the finite verb and drops du.
  const familiar = germanOrder.replace(/^\S+ du\b/, german.imperative(clause.verb.de))
  return sentence(en, `${name[1]}, ${familiar}`, please ? '.' : '!')
}

export const SIMPLE: Weighted = [
  [26, statement],
  [4, mooded],
  [7, question],
  [4, whQuestion],
  [3, whoQuestion],
  [2, whatQuestion],
  [5, order],
]
