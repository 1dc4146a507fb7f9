import { placeFor, timeFor } from './compose.ts'
import type { Draw } from './draw.ts'
import { participle } from './english.ts'
import * as german from './german.ts'
import { type Noun, nounsFor, type Pair, pairs, type Topic, verbPair, WEATHER } from './lexicon.ts'
import * as words from './lexicon-phrases.ts'
import { addressee, type Pattern, sentence } from './patterns.ts'
import { I, isCountable, NUMBER_WORDS, namePhrase, nounPhrase, subjectPhrase, WE } from './phrase.ts'

/** The patterns of one topic: prices, times of day, dates, temperatures. */

const CITIES = pairs(words.CITIES)
const COUNTRIES = pairs(words.COUNTRIES)
const ORDINALS = pairs(words.ORDINALS)
const hours = NUMBER_WORDS.slice(0, 12)
const plain = (list: readonly (string | undefined | false)[]) => list.filter(Boolean).join(' ')

/** A time of day: half past seven is halb acht. */
function clock(draw: Draw): Pair {
  const hour = draw.pick(hours)
  const next = hours[(hours.indexOf(hour) + 1) % 12]
  const full = hour[1] === 'eins' ? 'ein' : hour[1]
  return draw.pick<Pair>([
    [`at ${hour[0]} o'clock`, `um ${full} Uhr`],
    [`at half past ${hour[0]}`, `um halb ${next[1]}`],
    [`at a quarter past ${hour[0]}`, `um Viertel nach ${hour[1]}`],
    [`at a quarter to ${hour[0]}`, `um Viertel vor ${hour[1]}`],
    [`at ten past ${hour[0]}`, `um zehn nach ${hour[1]}`],
    [`at twenty to ${hour[0]}`, `um zwanzig vor ${hour[1]}`],
  ])
}

function date(draw: Draw): Pair {
  const [en, de] = draw.pick(ORDINALS)
  const month = draw.pick(nounsFor('month').filter(entry => !/thirtieth/.test(en) || entry.en !== 'February'))
  return [`on the ${en} of ${month.en}`, `am ${de} ${month.singular}`]
}

const amount = (draw: Draw): Pair => draw.pick(NUMBER_WORDS.slice(1))

/** Two euros; one euro; three euros and fifty cents. */
function price(draw: Draw): Pair {
  const [en, de] = draw.chance(0.1) ? NUMBER_WORDS[0] : amount(draw)
  const euros: Pair = de === 'eins' ? ['one euro', 'einen Euro'] : [`${en} euros`, `${de} Euro`]
  if (draw.chance(0.7)) return euros
  const [enCents, deCents] = draw.pick(NUMBER_WORDS.slice(1, 28))
  return [`${euros[0]} and ${enCents} cents`, `${euros[1]} und ${deCents} Cent`]
}

const timetable: Pattern = draw => {
  const vehicle = draw.pick(nounsFor('vehicle').filter(({ en }) => !/^(car|bicycle|lorry|taxi|boat)$/.test(en)))
  const by = nounPhrase(vehicle, draw.chance(0.8) ? 'the' : 'this')
  const flies = vehicle.en === 'plane'
  const [city, stadt] = draw.pick(CITIES)
  const [at, um] = draw.chance(0.75) ? clock(draw) : date(draw)
  const line = draw.chance(0.35) ? NUMBER_WORDS[draw.between(0, 19)] : undefined
  const day = draw.chance(0.4) ? draw.pick(nounsFor('weekday')) : undefined
  const name =
    line && !flies ? [`${by.en} number ${line[0]}`, `${by.de('nom')} Nummer ${line[1]}`] : [by.en, by.de('nom')]
  const when = day && um.startsWith('um') ? [` on ${day.enPlural}`, `${day.singular.toLowerCase()}s `] : ['', '']
  const [en, de, prefix] = draw.pick([
    [`leaves for ${city}`, flies ? 'fliegt' : 'fährt', `nach ${stadt} ab`],
    [`arrives in ${city}`, 'kommt', `in ${stadt} an`],
    [`from ${city} arrives`, 'kommt', 'an'],
  ])
  const origin = en.startsWith('from') ? ` aus ${stadt}` : ''
  return sentence(`${name[0]} ${en} ${at}${when[0]}`, `${name[1]}${origin} ${de} ${when[1]}${um} ${prefix}`)
}

const appointment: Pattern = draw => {
  const opening = draw.pick<Noun>(
    [...nounsFor('placeShop'), ...nounsFor('building')].filter(
      ({ en }) => !/^(house|ruin|school|hotel|guest house)$/.test(en),
    ),
  )
  const subject = nounPhrase(opening, 'the')
  const [at, um] = clock(draw)
  const day = draw.pick(nounsFor('weekday'))
  const [en, de] = draw.pick([
    ['opens', 'öffnet'],
    ['closes', 'schließt'],
  ])
  if (draw.chance(0.4))
    return sentence(
      `on ${day.enPlural}, ${subject.en} ${en} ${at}`,
      `${day.singular.toLowerCase()}s ${de} ${subject.de('nom')} ${um}`,
    )
  return sentence(
    `${subject.en} ${en} ${at} on ${day.enPlural}`,
    `${subject.de('nom')} ${de} ${day.singular.toLowerCase()}s ${um}`,
  )
}

const origin: Pattern = draw => {
  const who = subjectPhrase(draw, nounsFor('person'))
  const [en, de] = draw.pick([...CITIES, ...COUNTRIES])
  const s = who.enPerson === 'he' ? 's' : ''
  if (draw.chance(0.5))
    return sentence(
      `${who.en} come${s} from ${en}`,
      `${who.de('nom')} ${german.present(verbPair('', 'kommen').de, who.person)} aus ${de}`,
    )
  const [tongue, Sprache] = draw.pick(pairs(words.LANGUAGES))
  if (draw.chance(0.6))
    return sentence(
      `${who.en} know${s} ${tongue}`,
      `${who.de('nom')} ${german.present({ base: 'können', er: '' }, who.person)} ${Sprache}`,
    )
  return sentence(
    `${who.en} speak${s} ${tongue} in ${en}`,
    `${who.de('nom')} ${german.present(verbPair('', 'sprechen').de, who.person)} in ${de} ${Sprache}`,
  )
}

const distance: Pattern = draw => {
  const [[from, von], [to, nach]] = [draw.pick(CITIES), draw.pick(CITIES)]
  const [en, de] = amount(draw)
  const hundreds = NUMBER_WORDS[draw.between(1, 8)]
  const unit = draw.pick(nounsFor('measure').filter(entry => /^(minute|hour|day)$/.test(entry.en)))
  if (from === to) return timetable(draw, 'travel')
  if (draw.chance(0.3))
    return sentence(
      `it is ${hundreds[0]} hundred kilometres from ${from} to ${to}`,
      `es sind ${hundreds[1]}hundert Kilometer von ${von} nach ${nach}`,
    )
  return sentence(
    `the journey from ${from} to ${to} takes ${en} ${unit.enPlural}`,
    `die Reise von ${von} nach ${nach} dauert ${de} ${german.decline(unit, true, 'acc')}`,
  )
}

/** What is sold by each unit of measure. */
const SOLD_BY: Record<string, string> = {
  kilo: 'crop',
  gram: 'herb',
  pound: 'crop',
  litre: 'drink',
  glass: 'drink',
  piece: 'baked',
}

/** Quantities: three kilos of apples, two glasses of honey. */
function quantity(draw: Draw): { en: string; de: string } {
  const unit = draw.pick(nounsFor('measure').filter(({ en }) => /^(kilo|gram|pound|litre|glass|piece)$/.test(en)))
  const kinds = SOLD_BY[unit.en]
  const stuff = draw.pick(
    unit.en === 'piece'
      ? nounsFor('food').filter(({ en }) => /bread|cheese|ham|meat|butter/.test(en))
      : nounsFor(kinds),
  )
  const [en, de] = unit.en === 'gram' ? NUMBER_WORDS[draw.between(19, 27)] : draw.pick(NUMBER_WORDS.slice(1, 12))
  const countable = isCountable(stuff)
  // Measures that are masculine or neuter stay in the singular after a number.
  return {
    en: `${en} ${unit.enPlural} of ${countable ? stuff.enPlural : stuff.en}`,
    de: `${de} ${unit.singular} ${countable ? stuff.plural : stuff.singular}`,
  }
}

const cost: Pattern = draw => {
  const [en, de] = price(draw)
  if (draw.chance(0.45)) {
    const { en: what, de: was } = quantity(draw)
    return sentence(`${what} cost ${en}`, `${was} kosten ${de}`)
  }
  const item = subjectPhrase(draw, nounsFor('goods clothes luggage fruit snack tool'), { thirdOnly: true })
  const isPast = draw.chance(0.25)
  const cost = isPast || item.enPerson === 'they' ? 'cost' : 'costs'
  const costs = item.plural ? 'kosten' : 'kostet'
  const per = !isPast && draw.chance(0.2) ? ['only ', 'nur '] : ['', '']
  if (isPast)
    return sentence(
      `yesterday, ${item.en} cost ${en}`,
      `Gestern ${item.plural ? 'haben' : 'hat'} ${item.de('nom')} ${de} gekostet`,
    )
  return sentence(`${item.en} ${cost} ${per[0]}${en}`, `${item.de('nom')} ${costs} ${per[1]}${de}`)
}

const askPrice: Pattern = draw => {
  const plural = draw.chance(0.5)
  const item = nounPhrase(
    draw.pick(nounsFor('goods clothes fruit snack tool luggage')),
    draw.chance(0.6) ? 'the' : 'this',
    { plural },
  )
  if (draw.chance(0.3)) {
    const { en, de } = quantity(draw)
    return sentence(`how much do ${en} cost`, `wie viel kosten ${de}`, '?')
  }
  return sentence(
    `how much ${plural ? 'do' : 'does'} ${item.en} cost`,
    `wie viel ${plural ? 'kosten' : 'kostet'} ${item.de('nom')}`,
    '?',
  )
}

const shopping: Pattern = draw => {
  const { en, de } = quantity(draw)
  const who = draw.chance(0.5) ? I : draw.chance(0.4) ? WE : subjectPhrase(draw, nounsFor('person'))
  const please: Pair = draw.chance(0.3) ? [', please', ', bitte'] : ['', '']
  const style = draw.between(0, 2)
  if (style === 0)
    return sentence(
      `${who.en} would like to buy ${en}${please[0]}`,
      `${who.de('nom')} ${german.present({ base: 'möchten', er: '' }, who.person)} ${de} kaufen${please[1]}`,
    )
  const form = german.present({ base: 'haben', er: '' }, who.person)
  const verb = draw.pick([
    ['buy', 'gekauft'],
    ['sell', 'verkauft'],
    ['order', 'bestellt'],
    ['need', 'gebraucht'],
  ])
  const [time, zeit] = timeFor(draw, 'past')!
  const done = verb[0] === 'order' || verb[0] === 'need' ? `${verb[0]}ed` : participle(verb[0])
  return sentence(`${who.en} ${done} ${en} ${time}`, `${who.de('nom')} ${form} ${zeit} ${de} ${verb[1]}`)
}

const weatherVerbs = [
  ['rain', 'regnen'],
  ['snow', 'schneien'],
  ['hail', 'hageln'],
  ['thunder', 'donnern'],
].map(([en, de]) => verbPair(en, de))

/** It rained in Berlin yesterday; it will snow tomorrow. */
const precipitation: Pattern = draw => {
  const verb = draw.pick(weatherVerbs)
  const [place, ort] = draw.chance(0.7) ? placeOf(draw) : ['', '']
  const form = draw.pick(['present', 'past', 'future', 'progressive'] as const)
  const [time, zeit] = (form !== 'progressive' && draw.chance(0.75) && timeFor(draw, form)) || ['', '']
  const often = draw.chance(0.25) && form !== 'progressive' ? ['heavily', 'stark'] : ['', '']
  const en = {
    present: `${verb.en}s`,
    past: `${verb.en}ed`,
    future: `will ${verb.en}`,
    progressive: `is ${verb.en}ing`,
  }[form]
  const finite = { present: verb.de.er, past: 'hat', future: 'wird', progressive: verb.de.er }[form]
  const tail = { present: '', past: verb.de.participle, future: verb.de.base, progressive: '' }[form]
  const gerade = form === 'progressive' ? 'gerade' : ''
  if (time && draw.chance(0.4))
    return sentence(plain([`${time},`, 'it', en, often[0], place]), plain([zeit, finite, 'es', ort, often[1], tail]))
  return sentence(plain(['it', en, often[0], place, time]), plain(['es', finite, gerade, zeit, ort, often[1], tail]))
}

function placeOf(draw: Draw): Pair {
  if (draw.chance(0.25)) {
    const direction = draw.pick(nounsFor('ambiguous').filter(({ en }) => /^(north|south|east|west)$/.test(en)))
    return [`in the ${direction.en}`, `im ${direction.singular}`]
  }
  if (draw.chance(0.2)) {
    const place = nounPhrase(
      draw.pick(nounsFor('landscape').filter(({ en }) => /valley|forest|village|town/.test(en))),
      'the',
    )
    return [`in ${place.en}`, german.preposition('in', place.de('dat'))]
  }
  const [en, de] = draw.pick([...CITIES, ...COUNTRIES])
  return [`in ${en}`, `in ${de}`]
}

const outlook: Pattern = draw => {
  const form = draw.pick(['present', 'past', 'future'] as const)
  const [time, zeit] = timeFor(draw, form)!
  const [place, ort] = draw.chance(0.6) ? placeOf(draw) : ['', '']
  const first = draw.pick(WEATHER)
  const second = draw.pick(WEATHER)
  const two = second !== first && draw.chance(0.5)
  const en = two ? `${first.en} and ${second.en}` : first.en
  const de = two ? `${first.de} und ${second.de}` : first.de
  const is = { present: 'is', past: 'was', future: 'will be' }[form]
  const ist = { present: 'ist', past: 'war', future: 'wird' }[form]
  const sein = form === 'future' ? 'sein' : ''
  const stays = form === 'present' && draw.chance(0.2)
  if (draw.chance(0.5))
    return sentence(plain([`${time},`, 'it', is, en, place]), plain([zeit, ist, 'es', ort, de, sein]))
  if (stays) return sentence(plain(['it stays', en, place, time]), plain(['es bleibt', zeit, ort, de]))
  return sentence(plain(['it', is, en, place, time]), plain(['es', ist, zeit, ort, de, sein]))
}

const temperature: Pattern = draw => {
  const [en, de] = draw.pick(NUMBER_WORDS.slice(1, 21))
  const [place, ort] = placeOf(draw)
  const below = draw.chance(0.25) ? [' below zero', ' unter null'] : ['', '']
  const tense = draw.pick([
    ['is', 'liegt', '', 'present'],
    ['was', 'lag', '', 'past'],
    ['will be', 'wird', ' liegen', 'future'],
  ] as const)
  const [time, zeit] = timeFor(draw, tense[3])!
  return sentence(
    `the temperature ${place} ${tense[0]} ${en} degrees${below[0]} ${time}`,
    `die Temperatur ${ort} ${tense[1]} ${zeit} bei ${de} Grad${below[1]}${tense[2]}`,
  )
}

const wind: Pattern = draw => {
  const from = draw.pick(nounsFor('ambiguous').filter(({ en }) => /^(north|south|east|west)$/.test(en)))
  const [en, de] = draw.pick<Pair>([
    ['a cold wind', 'ein kalter Wind'],
    ['a warm wind', 'ein warmer Wind'],
    ['the wind', 'der Wind'],
    ['a strong wind', 'ein starker Wind'],
    ['an icy wind', 'ein eisiger Wind'],
  ])
  const form = draw.pick(['present', 'past', 'future'] as const)
  const [time, zeit] = timeFor(draw, form)!
  const blows = { present: 'blows', past: 'blew', future: 'will blow' }[form]
  const weht = { present: 'weht', past: 'hat', future: 'wird' }[form]
  const tail = { present: '', past: 'geweht', future: 'wehen' }[form]
  const [place, ort] = draw.chance(0.4) ? placeFor(draw, 'travel') : ['', '']
  return sentence(
    plain([en, blows, place, 'from the', from.en, time]),
    plain([de, weht, zeit, ort, 'aus dem', from.singular, tail]),
  )
}

const birthday: Pattern = draw => {
  const who = subjectPhrase(draw, nounsFor('person'), { thirdOnly: true })
  const [en, de] = date(draw)
  const [act, tat] = draw.pick(
    [
      ['starts work', 'fängt', 'mit der Arbeit an'],
      ['sows the seeds', 'sät', 'die Samen aus'],
      ['mows the lawn', 'mäht', 'den Rasen'],
    ].map(([a, b, c]) => [a, `${b}|${c}`]),
  )
  const [finite, rest] = tat.split('|')
  if (who.plural) return sentence(`${who.en} came back ${en}`, `${who.de('nom')} sind ${de} zurückgekommen`)
  return sentence(`${who.en} ${act} ${en}`, `${who.de('nom')} ${finite} ${de} ${rest}`)
}

const growing: Pattern = draw => {
  const plural = draw.chance(0.6)
  const plant = nounPhrase(draw.pick(nounsFor('flower shrub tree vegetable')), 'the', { plural })
  const [en, de] = draw.pick(NUMBER_WORDS.slice(1, 20))
  const unit = draw.pick(nounsFor('measure').filter(entry => /^(day|week|month|year)$/.test(entry.en)))
  const [enVerb, deVerb] = draw.pick([
    ['water', 'gegossen'],
    ['plant', 'gepflanzt'],
    ['fertilise', 'gedüngt'],
  ])
  const who = subjectPhrase(draw, nounsFor('man woman'))
  const haben = german.present({ base: 'haben', er: '' }, who.person)
  const done = { water: 'watered', plant: 'planted', fertilise: 'fertilised' }[enVerb]
  return sentence(
    `${who.en} ${done} ${plant.en} ${en} ${unit.enPlural} ago`,
    `${who.de('nom')} ${haben} vor ${de} ${german.decline(unit, true, 'dat')} ${plant.de('acc')} ${deVerb}`,
  )
}

const courtesy: Pattern = draw => {
  const { name } = addressee(draw)
  const [en, de] = draw.pick(pairs(words.EXPRESSIONS))
  if (draw.chance(0.3)) return [`${en}, ${name[0]}!`, `${de}, ${name[1]}!`]
  const place = nounPhrase(draw.pick(nounsFor('placeShop placeAt')), 'the')
  const plainName = draw.chance(0.5) ? namePhrase(draw).en : ''
  const where: Pair = [`where is ${place.en}`, `wo ist ${place.de('nom')}`]
  return [`${en}${plainName && `, ${plainName}`}, ${where[0]}?`, `${de}${plainName && `, ${plainName}`}, ${where[1]}?`]
}

export const TOPICAL: Record<Topic, readonly (readonly [number, Pattern])[]> = {
  garden: [
    [6, growing],
    [3, birthday],
  ],
  weather: [
    [9, precipitation],
    [9, outlook],
    [6, temperature],
    [4, wind],
  ],
  market: [
    [11, cost],
    [5, askPrice],
    [7, shopping],
    [3, appointment],
    [3, courtesy],
  ],
  travel: [
    [11, timetable],
    [5, origin],
    [5, distance],
    [4, appointment],
    [3, courtesy],
  ],
}
