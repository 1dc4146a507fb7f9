import { englishStatement, germanStatement } from './clause.ts'
import { timeFor, transitive } from './compose.ts'
import type { Draw } from './draw.ts'
import * as german from './german.ts'
import { type Frame, noun, nounsFor, type Pair, type Topic, verbPair } from './lexicon.ts'
import { addressee, type Pattern, sentence } from './patterns.ts'
import { nounPhrase, subjectPhrase, YOU_FAMILIAR } from './phrase.ts'

/** English words with two German ones, where the rest of the sentence decides. */

const person = (draw: Draw) => subjectPhrase(draw, nounsFor('person'))

interface Sense {
  readonly en: string
  readonly de: string
  readonly verb: Pair
  readonly topic: Topic
  readonly where?: string
  readonly mass?: boolean
}
/** A verb that selects the sense of its object or place: `de` is the noun, `where` a preposition with its case. */
const SENSES: readonly Sense[] = [
  { en: 'bed', de: 'das Beet', verb: ['dig', 'graben'], topic: 'garden', where: 'in in dat' },
  { en: 'bed', de: 'das Beet', verb: ['weed', 'jäten'], topic: 'garden' },
  { en: 'bed', de: 'das Bett', verb: ['make', 'machen'], topic: 'travel' },
  { en: 'bed', de: 'das Bett', verb: ['sleep', 'schlafen'], topic: 'travel', where: 'in in dat' },
  { en: 'plant', de: 'die Pflanze', verb: ['water', 'gießen'], topic: 'garden' },
  { en: 'plant', de: 'die Pflanze', verb: ['buy', 'kaufen'], topic: 'market' },
  { en: 'plant', de: 'das Werk', verb: ['work', 'arbeiten'], topic: 'travel', where: 'at in dat' },
  { en: 'bulb', de: 'die Blumenzwiebel', verb: ['plant', 'pflanzen'], topic: 'garden' },
  { en: 'bulb', de: 'die Glühbirne', verb: ['change', 'wechseln'], topic: 'market' },
  { en: 'bank', de: 'die Bank', verb: ['get money', 'Geld_holen'], topic: 'market', where: 'at bei dat' },
  { en: 'bank', de: 'das Ufer', verb: ['fish', 'angeln'], topic: 'travel', where: 'on an dat' },
  { en: 'bank', de: 'das Ufer', verb: ['swim', 'schwimmen'], topic: 'travel', where: 'to zu dat' },
  { en: 'spring', de: 'die Quelle', verb: ['drink', 'trinken'], topic: 'travel', where: 'from aus dat' },
  { en: 'letter', de: 'der Buchstabe', verb: ['pronounce', 'aus.sprechen'], topic: 'travel' },
  { en: 'leaf', de: 'das Blatt', verb: ['rake up', 'zusammen.rechen'], topic: 'garden' },
  { en: 'light', de: 'das Licht', verb: ['turn off', 'aus.machen'], topic: 'weather' },
  { en: 'light', de: 'das Licht', verb: ['turn on', 'an.machen'], topic: 'weather' },
  { en: 'room', de: 'das Zimmer', verb: ['clean', 'putzen'], topic: 'travel' },
  { en: 'word', de: 'das Wort', verb: ['learn', 'lernen'], topic: 'travel' },
  { en: 'child', de: 'das Kind', verb: ['comfort', 'trösten'], topic: 'weather' },
  { en: 'family', de: 'die Familie', verb: ['meet', 'treffen'], topic: 'travel' },
  { en: 'fruit', de: 'das Obst', verb: ['buy', 'kaufen'], topic: 'market', mass: true },
  { en: 'grass', de: 'das Gras', verb: ['cut', 'schneiden'], topic: 'garden', mass: true },
  { en: 'earth', de: 'die Erde', verb: ['water', 'gießen'], topic: 'garden', mass: true },
  { en: 'change', de: 'das Kleingeld', verb: ['count', 'zählen'], topic: 'market', mass: true },
  { en: 'colour', de: 'die Farbe', verb: ['choose', 'aus.wählen'], topic: 'market' },
  { en: 'sky', de: 'der Himmel', verb: ['observe', 'beobachten'], topic: 'weather', mass: true },
  { en: 'sea', de: 'das Meer', verb: ['love', 'lieben'], topic: 'travel', mass: true },
  { en: 'street', de: 'die Straße', verb: ['cross', 'überqueren'], topic: 'travel' },
  { en: 'corner', de: 'die Ecke', verb: ['wait', 'warten'], topic: 'travel', where: 'at an dat' },
  { en: 'direction', de: 'die Richtung', verb: ['change', 'ändern'], topic: 'travel' },
  { en: 'worker', de: 'der Arbeiter', verb: ['pay', 'bezahlen'], topic: 'market' },
]

const sense =
  (topic: Topic): Pattern =>
  draw => {
    const { en, de, verb, where, mass } = draw.pick(SENSES.filter(entry => entry.topic === topic))
    const entry = noun(de, en)
    const plural = !mass && !where && draw.chance(0.4)
    const phrase = nounPhrase(entry, 'the', { plural })
    const pair = verbPair(verb[0], verb[1])
    const wishes = { subject: person(draw), negatable: true, place: false }
    const frame: Frame = { ...pair, subjects: [], objects: [entry] }
    if (!where) {
      const clause = transitive(draw, topic, wishes, frame, phrase)
      return sentence(englishStatement(clause), germanStatement(clause))
    }
    const [enWord, deWord, c] = where.split(' ')
    const clause = {
      ...transitive(draw, topic, wishes, frame, phrase),
      enObject: `${enWord} ${phrase.en}`,
      deObject: undefined,
    }
    const whole = { ...clause, kein: false, dePlace: german.preposition(deWord, phrase.de(c as 'dat')) }
    return sentence(englishStatement(whole), germanStatement(whole))
  }

/** right: rechts, richtig, Recht; light: leicht, hell; know: wissen, kennen; time: Zeit, Uhr. */
const right: Pattern = draw => {
  const { name, you } = addressee(draw)
  const building = nounPhrase(draw.pick(nounsFor('building placeShop')), 'the')
  const bin = german.present({ base: 'sein', er: '' }, you.person)
  const hast = german.present({ base: 'haben', er: '' }, you.person)
  const [side, seite] = draw.pick<Pair>([
    ['right', 'rechts'],
    ['left', 'links'],
  ])
  const abstract = nounPhrase(draw.pick(nounsFor('abstract')), 'the')
  return draw.pick<() => Pair>([
    () =>
      sentence(
        `${building.en} is on the ${side}`,
        `${building.de('nom')} ist ${seite === 'rechts' ? 'rechts' : 'links'}`,
      ),
    () =>
      sentence(
        `turn ${side} at ${building.en}, ${name[0]}`,
        you === YOU_FAMILIAR
          ? `Bieg ${bei(building.de('dat'))} ${seite} ab, ${name[1]}`
          : `Biegen Sie ${bei(building.de('dat'))} ${seite} ab, ${name[1]}`,
      ),
    () => sentence(`you are right, ${name[0]}`, `${you.de('nom')} ${hast} recht, ${name[1]}`),
    () => sentence(`is ${abstract.en} right, ${name[0]}`, `ist ${abstract.de('nom')} richtig, ${name[1]}`, '?'),
    () =>
      sentence(
        `${name[0]}, are you in ${building.en}`,
        `${name[1]}, ${bin} ${you.de('nom')} ${german.preposition('in', building.de('dat'))}`,
        '?',
      ),
  ])()
}
const bei = (phrase: string) => german.preposition('bei', phrase)

const light: Pattern = draw => {
  const item = draw.pick(nounsFor('luggage goods clothes'))
  const phrase = nounPhrase(item, 'the')
  const who = person(draw)
  return draw.pick<() => Pair>([
    () => sentence(`${phrase.en} is light, not heavy`, `${phrase.de('nom')} ist leicht, nicht schwer`),
    () => sentence(`${phrase.en} is light, not dark`, `${phrase.de('nom')} ist hell, nicht dunkel`),
    () => {
      const [t, z] = timeFor(draw, 'past')!
      return sentence(`${t}, the light was broken`, `${z} war das Licht kaputt`)
    },
    () =>
      sentence(
        `${who.en} ${who.enPerson === 'he' ? 'knows' : 'know'} where ${phrase.en} is`,
        `${who.de('nom')} ${german.present({ base: 'wissen', er: '' }, who.person)}, wo ${phrase.de('nom')} ist`,
      ),
    () =>
      sentence(
        `${who.en} ${who.enPerson === 'he' ? 'has' : 'have'} no time for ${phrase.en}`,
        `${who.de('nom')} ${german.present({ base: 'haben', er: '' }, who.person)} keine Zeit für ${phrase.de('acc')}`,
      ),
  ])()
}

export const AMBIGUITIES: Record<Topic, readonly (readonly [number, Pattern])[]> = {
  garden: [[8, sense('garden')]],
  weather: [
    [6, sense('weather')],
    [2, light],
  ],
  market: [
    [7, sense('market')],
    [2, light],
  ],
  travel: [
    [8, sense('travel')],
    [4, right],
    [2, light],
  ],
}
