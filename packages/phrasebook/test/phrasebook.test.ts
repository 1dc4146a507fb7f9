import { UserError } from '@espalier/runtime'
import { describe, expect, it } from 'vitest'
import {
  type Clause,
  englishStatement,
  germanQuestion,
  germanStatement,
  germanSubordinate,
  MODAL_FORMS,
} from '../src/clause.ts'
import * as english from '../src/english.ts'
import * as german from '../src/german.ts'
import { generatePhrasebook, LEXICON_SIZE, phrasebookSplits } from '../src/index.ts'
import { NOUNS, noun, verbPair } from '../src/lexicon.ts'
import { I, nounPhrase, pronounFor, WE, YOU_FAMILIAR, YOU_POLITE } from '../src/phrase.ts'

const make = (pairs: number, seed = 1) => [...generatePhrasebook({ pairs, seed })]
const CASES = ['nom', 'acc', 'dat', 'gen'] as const

describe('noun phrases', () => {
  const old = { en: 'old', de: 'alt', stem: 'alt' }
  const expensive = { en: 'expensive', de: 'teuer', stem: 'teur' }
  const mein = { en: 'my', de: 'mein' }
  it.each([
    ['the garden', 'der Garten', 'the', {}, ['der Garten', 'den Garten', 'dem Garten', 'des Gartens']],
    [
      'the old tree',
      'der Baum',
      'the',
      { adjective: old },
      ['der alte Baum', 'den alten Baum', 'dem alten Baum', 'des alten Baumes'],
    ],
    ['a rose', 'die Rose', 'a', {}, ['eine Rose', 'eine Rose', 'einer Rose', 'einer Rose']],
    [
      'an old house',
      'das Haus',
      'a',
      { adjective: old },
      ['ein altes Haus', 'ein altes Haus', 'einem alten Haus', 'eines alten Hauses'],
    ],
    [
      'an old hat',
      'der Hut',
      'a',
      { adjective: old },
      ['ein alter Hut', 'einen alten Hut', 'einem alten Hut', 'eines alten Hutes'],
    ],
    ['the apples', 'der Apfel', 'the', { plural: true }, ['die Äpfel', 'die Äpfel', 'den Äpfeln', 'der Äpfel']],
    [
      'my old books',
      'das Buch',
      mein,
      { plural: true, adjective: old },
      ['meine alten Bücher', 'meine alten Bücher', 'meinen alten Büchern', 'meiner alten Bücher'],
    ],
    [
      'some old women',
      'die Frau',
      'some',
      { plural: true, adjective: old },
      ['einige alte Frauen', 'einige alte Frauen', 'einigen alten Frauen', 'einiger alter Frauen'],
    ],
    [
      'expensive cars',
      'das Auto',
      'none',
      { plural: true, adjective: expensive },
      ['teure Autos', 'teure Autos', 'teuren Autos', 'teurer Autos'],
    ],
    [
      'this neighbour',
      'der Nachbar',
      'this',
      {},
      ['dieser Nachbar', 'diesen Nachbarn', 'diesem Nachbarn', 'dieses Nachbarn'],
    ],
    ['no river', 'der Fluss', 'no', {}, ['kein Fluss', 'keinen Fluss', 'keinem Fluss', 'keines Flusses']],
    [
      'cold water',
      'das Wasser',
      'none',
      { adjective: { en: 'cold', de: 'kalt', stem: 'kalt' } },
      ['kaltes Wasser', 'kaltes Wasser', 'kaltem Wasser', 'kalten Wassers'],
    ],
  ] as const)('%s', (en, de, determiner, options, expected) => {
    const phrase = nounPhrase(noun(de), determiner, options)
    expect(phrase.en).toBe(en)
    expect(CASES.map(phrase.de)).toEqual(expected)
  })

  it('take their pronoun by gender', () => {
    const it = (word: string) => CASES.slice(0, 3).map(pronounFor(nounPhrase(noun(word), 'the')).de)
    expect(it('der Apfel')).toEqual(['er', 'ihn', 'ihm'])
    expect(it('die Birne')).toEqual(['sie', 'sie', 'ihr'])
    expect(it('das Buch')).toEqual(['es', 'es', 'ihm'])
    expect(it('das Mädchen')).toEqual(['sie', 'sie', 'ihr'])
  })

  it.each([
    ['in', 'dem Garten', 'im Garten'],
    ['in', 'den Garten', 'in den Garten'],
    ['in', 'das Haus', 'ins Haus'],
    ['zu', 'dem Bahnhof', 'zum Bahnhof'],
    ['zu', 'der Grenze', 'zur Grenze'],
    ['an', 'der Kasse', 'an der Kasse'],
    ['von', 'dem Berg', 'vom Berg'],
    ['auf', 'dem Marktplatz', 'auf dem Marktplatz'],
  ])('%s + %s', (word, phrase, expected) => expect(german.preposition(word, phrase)).toBe(expected))

  it('decline for every noun of the lexicon', () => {
    for (const entry of NOUNS)
      for (const c of CASES) {
        expect(german.decline(entry, false, c)).toMatch(/^\p{Lu}[\p{L}]+$/u)
        if (entry.plural) expect(german.decline(entry, true, c)).toMatch(/^\p{Lu}[\p{L}]+$/u)
        if (entry.plural && c === 'dat') expect(german.decline(entry, true, c)).toMatch(/[ns]$/)
      }
  })
})

describe('verbs', () => {
  it.each([
    ['gießen', 'gieße', 'gießt', 'gießt', 'gegossen', false],
    ['fahren', 'fahre', 'fährst', 'fährt', 'gefahren', true],
    ['ab.fahren', 'fahre', 'fährst', 'fährt', 'abgefahren', true],
    ['lesen', 'lese', 'liest', 'liest', 'gelesen', false],
    ['nehmen', 'nehme', 'nimmst', 'nimmt', 'genommen', false],
    ['finden', 'finde', 'findest', 'findet', 'gefunden', false],
    ['warten', 'warte', 'wartest', 'wartet', 'gewartet', false],
    ['öffnen', 'öffne', 'öffnest', 'öffnet', 'geöffnet', false],
    ['lächeln', 'lächle', 'lächelst', 'lächelt', 'gelächelt', false],
    ['füttern', 'füttere', 'fütterst', 'füttert', 'gefüttert', false],
    ['reparieren', 'repariere', 'reparierst', 'repariert', 'repariert', false],
    ['verkaufen', 'verkaufe', 'verkaufst', 'verkauft', 'verkauft', false],
    ['ein.kaufen', 'kaufe', 'kaufst', 'kauft', 'eingekauft', false],
    ['auf.stehen', 'stehe', 'stehst', 'steht', 'aufgestanden', true],
    ['ernten', 'ernte', 'erntest', 'erntet', 'geerntet', false],
    ['mit.nehmen', 'nehme', 'nimmst', 'nimmt', 'mitgenommen', false],
    ['zeichnen', 'zeichne', 'zeichnest', 'zeichnet', 'gezeichnet', false],
    ['an.ziehen', 'ziehe', 'ziehst', 'zieht', 'angezogen', false],
  ] as const)('%s', (infinitive, ich, du, er, participle, sein) => {
    const verb = german.parseGermanVerb(infinitive)
    expect([german.present(verb, 'ich'), german.present(verb, 'du'), german.present(verb, 'er')]).toEqual([ich, du, er])
    expect([verb.participle, verb.sein]).toEqual([participle, sein])
  })

  it.each([
    ['geben', 'gib'],
    ['lesen', 'lies'],
    ['gehen', 'geh'],
    ['öffnen', 'öffne'],
    ['warten', 'warte'],
    ['nehmen', 'nimm'],
    ['waschen', 'wasch'],
  ])('imperative of %s', (infinitive, form) => expect(german.imperative(german.parseGermanVerb(infinitive))).toBe(form))

  it('know the irregular preterites', () => {
    expect([
      german.preterite('sein', 'er'),
      german.preterite('haben', 'ich'),
      german.preterite('können', 'sie'),
    ]).toEqual(['war', 'hatte', 'konnten'])
  })

  it('inflect in English', () => {
    expect(['watch', 'carry', 'play', 'go shopping'].map(english.thirdPerson)).toEqual([
      'watches',
      'carries',
      'plays',
      'goes shopping',
    ])
    expect(['plant', 'carry', 'chat', 'give back'].map(english.past)).toEqual([
      'planted',
      'carried',
      'chatted',
      'gave back',
    ])
    expect(['dig up', 'lie', 'bake'].map(english.gerund)).toEqual(['digging up', 'lying', 'baking'])
    expect(['apple', 'hour', 'euro', 'umbrella', 'book'].map(english.article)).toEqual(['an', 'an', 'a', 'an', 'a'])
  })
})

describe('word order', () => {
  const gardener = nounPhrase(noun('der Gärtner'), 'the')
  const water: Clause = {
    subject: gardener,
    verb: verbPair('water', 'gießen'),
    form: 'present',
    enObject: 'the roses',
    deObject: 'die Rosen',
    time: ['in the morning', 'am Morgen'],
  }
  const puton: Clause = {
    subject: I,
    verb: verbPair('put on', 'an.ziehen'),
    form: 'present',
    enObject: 'the coat',
    deObject: 'den Mantel',
  }
  const can = MODAL_FORMS[0]
  it.each<[string, () => string, string]>([
    ['English', () => englishStatement(water), 'the gardener waters the roses in the morning'],
    ['verb second', () => germanStatement(water), 'der Gärtner gießt am Morgen die Rosen'],
    ['inversion', () => germanStatement(water, true), 'am Morgen gießt der Gärtner die Rosen'],
    ['question', () => germanQuestion(water), 'gießt der Gärtner am Morgen die Rosen'],
    ['question word', () => germanQuestion(water, 'warum'), 'warum gießt der Gärtner am Morgen die Rosen'],
    ['verb last', () => germanSubordinate(water, 'weil'), 'weil der Gärtner am Morgen die Rosen gießt'],
    ['perfect', () => germanStatement({ ...water, form: 'past' }), 'der Gärtner hat am Morgen die Rosen gegossen'],
    [
      'perfect, verb last',
      () => germanSubordinate({ ...water, form: 'past' }, 'dass'),
      'dass der Gärtner am Morgen die Rosen gegossen hat',
    ],
    ['future', () => germanStatement({ ...water, form: 'future' }), 'der Gärtner wird am Morgen die Rosen gießen'],
    ['negation', () => germanStatement({ ...water, negative: true }), 'der Gärtner gießt am Morgen die Rosen nicht'],
    [
      'English negation',
      () => englishStatement({ ...water, negative: true }),
      'the gardener does not water the roses in the morning',
    ],
    ['modal', () => germanStatement({ ...water, form: can }), 'der Gärtner kann am Morgen die Rosen gießen'],
    ['separable', () => germanStatement(puton), 'ich ziehe den Mantel an'],
    ['separable, verb last', () => germanSubordinate(puton, 'wenn'), 'wenn ich den Mantel anziehe'],
    ['separable, modal', () => germanStatement({ ...puton, form: can }), 'ich kann den Mantel anziehen'],
    ['separable, perfect', () => germanStatement({ ...puton, form: 'past' }), 'ich habe den Mantel angezogen'],
    ['familiar', () => germanQuestion({ ...puton, subject: YOU_FAMILIAR }), 'ziehst du den Mantel an'],
    ['polite', () => germanQuestion({ ...puton, subject: YOU_POLITE, form: 'past' }), 'haben Sie den Mantel angezogen'],
    [
      'reflexive',
      () => germanStatement({ subject: WE, verb: verbPair('hurry', 'sich_beeilen'), form: 'present' }),
      'wir beeilen uns',
    ],
    [
      'auxiliary sein',
      () => germanStatement({ subject: WE, verb: verbPair('arrive', 'an.kommen'), form: 'past' }),
      'wir sind angekommen',
    ],
  ])('%s', (_name, render, expected) => expect(render()).toBe(expected))
})

describe('the generator', () => {
  const many = make(100_000)

  it('depends on nothing but the seed', () => {
    expect(make(300)).toEqual(make(300))
    expect(make(300, 2)).not.toEqual(make(300))
    expect(make(300)).toEqual(many.slice(0, 300))
  })

  it('never repeats an English sentence', () => {
    expect(new Set(many.map(pair => pair.source)).size).toBe(many.length)
  })

  it('gives the same English the same German under every seed', () => {
    const german = new Map(many.map(pair => [pair.source, pair.target]))
    const other = make(100_000, 2).filter(pair => german.has(pair.source))
    expect(other.length).toBeGreaterThan(1000)
    expect(other.filter(pair => german.get(pair.source) !== pair.target)).toEqual([])
  })

  it('keeps to 3 to 25 words of clean text', () => {
    for (const { source, target } of many)
      for (const text of [source, target]) {
        const words = text.split(' ').length
        if (words < 3 || words > 25 || !/^\p{Lu}[\p{L}' ,-]+[.?!]$/u.test(text) || /undefined| {2}/.test(text))
          expect.fail(text)
      }
  })

  it('has a lexicon of about a thousand entries, nearly all of them in use', () => {
    expect(LEXICON_SIZE).toBeGreaterThanOrEqual(950)
    const seen = new Set(many.flatMap(pair => pair.target.match(/[\p{L}]+/gu) ?? []))
    const missing = NOUNS.filter(
      entry => !CASES.some(c => seen.has(german.decline(entry, false, c)) || seen.has(german.decline(entry, true, c))),
    )
    expect(missing.map(entry => entry.en)).toEqual([])
  })

  it('keeps the vocabulary closed', () => {
    const forms = (side: 'source' | 'target') =>
      new Set(many.slice(0, 20_000).flatMap(pair => pair[side].match(/[\p{L}]+/gu) ?? [])).size
    expect(forms('source')).toBeLessThan(3000)
    expect(forms('target')).toBeLessThan(3100)
  })

  it('covers its four topics', () => {
    for (const topic of ['garden', 'weather', 'market', 'travel'])
      expect(many.filter(pair => pair.topic === topic).length).toBeGreaterThan(15_000)
  })

  it('splits without overlap', () => {
    const { train, valid, test } = phrasebookSplits({ pairs: 2000, seed: 3, valid: 100, test: 200 })
    expect([train.length, valid.length, test.length]).toEqual([2000, 100, 200])
    expect(new Set([...train, ...valid, ...test].map(pair => pair.source)).size).toBe(2300)
  })

  it('makes 20 000 pairs in seconds, not minutes', () => {
    const start = performance.now()
    make(20_000, 5)
    expect(performance.now() - start).toBeLessThan(20_000)
  })

  it('refuses a size that is not one', () => {
    expect(() => make(-1)).toThrow(UserError)
    expect(() => make(1.5)).toThrow(UserError)
  })
})
