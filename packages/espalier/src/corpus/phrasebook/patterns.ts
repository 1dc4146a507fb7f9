import {
  type Clause,
  englishQuestion,
  englishRelative,
  englishStatement,
  germanQuestion,
  germanRelative,
  germanStatement,
  germanSubordinate,
  MODAL_FORMS,
} from './clause.ts'
import { anyClause, intransitive, personClause, timeFor, transitive } from './compose.ts'
import type { Draw } from './draw.ts'
import { participle } from './english.ts'
import * as german from './german.ts'
import {
  adjectivesFor,
  COMPARISONS,
  NOUNS,
  type Noun,
  nounsFor,
  type Pair,
  pairs,
  type Topic,
  TRANSITIVES,
  WEATHER,
} from './lexicon.ts'
import * as words from './lexicon-phrases.ts'
import {
  isCountable,
  isHuman,
  namePhrase,
  nounPhrase,
  objectPhrase,
  type Phrase,
  pronounFor,
  subjectPhrase,
  YOU_FAMILIAR,
  YOU_POLITE,
} from './phrase.ts'

/** The sentence patterns that serve every topic: statements, questions, subordinate clauses, orders. */

export type Pattern = (draw: Draw, topic: Topic) => Pair

export const capital = (text: string): string => text[0].toUpperCase() + text.slice(1)
export const sentence = (en: string, de: string, mark = '.'): Pair => [capital(en) + mark, capital(de) + mark]

const DEGREES = pairs(words.DEGREES)
const MOODS = pairs(words.MOODS)
const SAYING = pairs(words.SAYING)
export const weatherConditions: readonly Pair[] = [
  ['it is raining', 'es regnet'],
  ['it is snowing', 'es schneit'],
  ['the sun is shining', 'die Sonne scheint'],
  ['it is hailing', 'es hagelt'],
  ['the wind is blowing', 'der Wind weht'],
  ['a storm is coming', 'ein Sturm kommt'],
  ...WEATHER.map(({ en, de }): Pair => [`it is ${en}`, `es ${de} ist`]),
]

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
  const frames = TRANSITIVES[topic].filter(({ objects }) => !objects.some(isHuman))
  const clause = transitive(draw, topic, { negatable: false, plain: true }, draw.pick(frames))
  const asked: Clause = { ...clause, enObject: '', deObject: undefined }
  return sentence(englishQuestion(asked, 'what'), germanQuestion(asked, 'was'), '?')
}

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

const copula = (subject: Phrase, isPast: boolean) => ({
  en: isPast ? (subject.enPerson === 'they' ? 'were' : 'was') : { I: 'am', he: 'is', they: 'are' }[subject.enPerson],
  de: isPast ? german.preterite('sein', subject.person) : german.present({ base: 'sein', er: '' }, subject.person),
})

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

/** The rose is very beautiful; was, will be; not. */
const predicate: Pattern = (draw, topic) => {
  const subject = subjectPhrase(draw, describable[topic], { thirdOnly: true })
  const adjectives = subject.noun ? adjectivesFor(subject.noun) : adjectivesFor(nounsFor('man')[0])
  const choice = draw.pick(adjectives)
  const isPast = draw.chance(0.35)
  const be = copula(subject, isPast)
  const negative = draw.chance(0.2)
  const degree = !negative && draw.chance(0.55) ? draw.pick(DEGREES) : undefined
  const en = [degree?.[0], choice.en]
  const de = [degree?.[1], choice.de]
  if (draw.chance(0.4) && adjectives.length > 1) {
    const second = draw.pick(adjectives.filter(({ de: word }) => word !== choice.de))
    en.push(negative ? 'or' : 'and', second.en)
    de.push(negative ? 'oder' : 'und', second.de)
  }
  const time = isPast ? timeFor(draw, 'past') : undefined
  const timed = time && draw.chance(0.4)
  const bare = (list: readonly (string | undefined)[]) => list.filter(Boolean).join(' ')
  return sentence(
    bare([timed ? `${time[0]},` : '', subject.en, be.en, negative ? 'not' : '', ...en]),
    bare([
      ...(timed ? [time[1], be.de, subject.de('nom')] : [subject.de('nom'), be.de]),
      negative ? 'nicht' : '',
      ...de,
    ]),
  )
}
const adjectival = NOUNS.filter(entry => adjectivesFor(entry).length > 0)
const of = (...kinds: readonly string[]): Noun[] => adjectival.filter(({ kind }) => kinds.includes(kind))
const describable: Record<Topic, Noun[]> = {
  garden: of('flower', 'shrub', 'tree', 'tool', 'animal', 'insect', 'structure', 'furniture'),
  weather: of('storm', 'clothes', 'landscape', 'man', 'woman', 'placeIn'),
  market: of('fruit', 'vegetable', 'food', 'drink', 'snack', 'goods', 'clothes', 'placeShop'),
  travel: of('vehicle', 'luggage', 'building', 'landscape', 'text', 'abstract', 'placeShop', 'man', 'woman'),
}

/** The pear is sweeter than the apple; as sweet as. */
const comparison: Pattern = (draw, topic) => {
  const choices = describable[topic].filter(
    entry => isCountable(entry) && adjectivesFor(entry).some(({ en }) => compared.has(en)),
  )
  const left = draw.pick(choices)
  const right = draw.pick(choices.filter(entry => entry !== left && entry.kind === left.kind))
  const [en, enMore, de, deMore] = draw.pick(
    COMPARISONS.filter(([base]) => adjectivesFor(left).some(entry => entry.en === base)),
  )
  const plural = draw.chance(0.35)
  const first = nounPhrase(left, 'the', { plural })
  const second = nounPhrase(right, 'the', { plural })
  const be = copula(first, draw.chance(0.25))
  const [enHow, deHow, enThan, deThan] = draw.pick([
    ['', '', '', ''],
    ['much ', 'viel ', '', ''],
    ['as ', 'so ', ' as', ' wie'],
    ['not as ', 'nicht so ', ' as', ' wie'],
  ])
  return sentence(
    `${first.en} ${be.en} ${enHow}${enThan ? en : enMore}${enThan || ' than'} ${second.en}`,
    `${first.de('nom')} ${be.de} ${deHow}${deThan ? de : deMore}${deThan || ' als'} ${second.de('nom')}`,
  )
}
const compared = new Set(COMPARISONS.map(([en]) => en))

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

/** The gardener buys a rose and plants it. */
const continued: Pattern = (draw, topic) => {
  const frames = TRANSITIVES[topic].filter(({ subjects }) => subjects.length > 20)
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
  const [en, de] = draw.pick<Pair>(
    [
      ['but', 'aber'],
      ['and', 'und'],
      ['or', 'oder'],
    ].slice(0, 2) as unknown as Pair[],
  )
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

/** Bevor, nachdem and indirect questions with ob: two clauses, the first subordinate. */
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

/** The colour of the rose: a genitive. */
const genitive: Pattern = (draw, topic) => {
  const owner = nounPhrase(draw.pick(nounsFor('man woman')), 'the')
  const possessed = subjectPhrase(draw, ownable[topic], { thirdOnly: true })
  if (!possessed.noun) return statement(draw, topic)
  const head = nounPhrase(possessed.noun, 'the', { plural: possessed.plural })
  const adjective = draw.pick(adjectivesFor(possessed.noun))
  const be = copula(head, draw.chance(0.35))
  const degree = draw.chance(0.5) ? draw.pick(DEGREES) : undefined
  const possessive = `${owner.en}'s ${head.en.slice(4)}`
  return sentence(
    `${possessive} ${be.en} ${degree ? `${degree[0]} ` : ''}${adjective.en}`,
    `${head.de('nom')} ${owner.de('gen')} ${be.de} ${degree ? `${degree[1]} ` : ''}${adjective.de}`,
  )
}
const ownable: Record<Topic, Noun[]> = {
  garden: of('tool', 'animal', 'furniture', 'tree', 'shrub'),
  weather: of('clothes', 'placeIn'),
  market: of('goods', 'clothes', 'fruit', 'vegetable'),
  travel: of('luggage', 'vehicle', 'text'),
}

/** The roses have been sold, passive: sind verkauft worden is left out; wird verkauft is in. */
const passive: Pattern = (draw, topic) => {
  const frame = draw.pick(
    TRANSITIVES[topic].filter(
      ({ en, subjects }) => subjects.length > 20 && !/^(love|fear|hate|need|miss|lose|wear)/.test(en),
    ),
  )
  const object = objectPhrase(draw, frame.objects, undefined, true)
  const be = copula(object, false)
  const wird = german.present({ base: 'werden', er: '' }, object.person)
  const time = draw.chance(0.5) ? timeFor(draw, 'present') : undefined
  return sentence(
    [`${object.en} ${be.en} ${participle(frame.en)}`, time?.[0]].filter(Boolean).join(' '),
    [object.de('nom'), wird, time?.[1], frame.de.participle].filter(Boolean).join(' '),
  )
}

/** The patterns of every topic, with their weights. */
export const COMMON: readonly (readonly [number, Pattern])[] = [
  [26, statement],
  [4, mooded],
  [7, question],
  [4, whQuestion],
  [3, whoQuestion],
  [2, whatQuestion],
  [6, reported],
  [6, conditional],
  [7, reason],
  [4, relativeObject],
  [4, relativeSubject],
  [7, predicate],
  [2.5, comparison],
  [5, order],
  [4, continued],
  [4, linked],
  [1.5, before],
  [3, wondering],
  [3, genitive],
  [2, passive],
]
