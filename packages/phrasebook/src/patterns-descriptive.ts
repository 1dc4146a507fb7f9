import { timeFor } from './compose.ts'
import { participle } from './english.ts'
import * as german from './german.ts'
import {
  adjectivesFor,
  COMPARISONS,
  doneByPeople,
  NOUNS,
  type Noun,
  nounsFor,
  pairs,
  type Topic,
  TRANSITIVES,
} from './lexicon.ts'
import * as words from './lexicon-phrases.ts'
import { type Pattern, sentence, statement, type Weighted } from './patterns.ts'
import { isCountable, nounPhrase, objectPhrase, type Phrase, subjectPhrase } from './phrase.ts'

/** Descriptions for every topic: predicates, comparisons, possessions, the passive. */

const DEGREES = pairs(words.DEGREES)

export const copula = (subject: Phrase, isPast: boolean) => ({
  en: isPast ? (subject.enPerson === 'they' ? 'were' : 'was') : { I: 'am', he: 'is', they: 'are' }[subject.enPerson],
  de: isPast ? german.preterite('sein', subject.person) : german.present({ base: 'sein', er: '' }, subject.person),
})

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
  const others = adjectives.filter(
    ({ en: word, de: wort }) => wort !== choice.de && !(SIZE.test(word) && SIZE.test(choice.en)),
  )
  if (draw.chance(0.4) && others.length > 0) {
    const second = draw.pick(others)
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
/** Nothing is enormous and tiny. */
const SIZE = /^(big|small|huge|tiny|enormous)$/
const adjectival = NOUNS.filter(entry => adjectivesFor(entry).length > 0)
const of = (...kinds: readonly string[]): Noun[] => adjectival.filter(({ kind }) => kinds.includes(kind))
const describable: Record<Topic, Noun[]> = {
  garden: of('flower', 'shrub', 'tree', 'tool', 'animal', 'insect', 'structure', 'furniture'),
  weather: of('storm', 'sky', 'clothes', 'landscape', 'man', 'woman', 'placeIn'),
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

/** The roses are watered: the passive with werden. */
const passive: Pattern = (draw, topic) => {
  const frame = draw.pick(
    TRANSITIVES[topic].filter(
      // Broken, closed and dried could be states.
      entry =>
        doneByPeople(entry) && !/^(love|fear|hate|need|miss|lose|wear|break|close|open|dry|look for)/.test(entry.en),
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

export const DESCRIPTIVE: Weighted = [
  [7, predicate],
  [2.5, comparison],
  [3, genitive],
  [2, passive],
]
