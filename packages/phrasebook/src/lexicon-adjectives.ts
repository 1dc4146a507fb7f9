import type { NounClass } from './lexicon-nouns.ts'

/**
 * The adjectives, by what they can be said of: rows `english: german`, with `/stem` where the inflected stem differs
 * (dunkel, dunkle). Every class lists the noun classes it goes with.
 */
export const ADJECTIVE_TABLE = {
  colour: {
    of: ['flower', 'clothes', 'goods'],
    rows: `red: rot; yellow: gelb; blue: blau; white: weiß; green: grün; black: schwarz; brown: braun; grey: grau;
      colourful: bunt; pale: blass; golden: golden`,
  },
  size: {
    of: [
      'tree',
      'shrub',
      'animal',
      'goods',
      'furniture',
      'vehicle',
      'luggage',
      'building',
      'landscape',
      'structure',
      'storm',
      'sky',
    ],
    rows: 'big: groß; small: klein; huge: riesig; tiny: winzig; enormous: gewaltig',
  },
  plant: {
    of: ['flower', 'shrub', 'tree'],
    rows: 'wild: wild; wilted: welk; blooming: blühend; rare: selten; delicate: zart; splendid: prächtig; fragrant: duftend; dry: trocken',
  },
  harvest: {
    of: ['fruit', 'vegetable'],
    rows: 'ripe: reif; unripe: unreif; rotten: faul; fresh: frisch; delicious: köstlich; cheap: billig; juicy: saftig; round: rund; expensive: teuer/teur',
  },
  taste: {
    of: ['fruit', 'snack'],
    rows: 'sweet: süß; tasty: lecker; excellent: ausgezeichnet',
  },
  edible: {
    of: ['food'],
    rows: 'German: deutsch; Italian: italienisch; good: gut; French: französisch; homemade: hausgemacht',
  },
  drink: { of: ['drink'], rows: 'cold: kalt; excellent: ausgezeichnet; good: gut; local: einheimisch' },
  creature: {
    of: ['animal', 'insect'],
    rows: 'hungry: hungrig; quick: schnell; shy: scheu; lively: lebhaft; harmless: harmlos; cheeky: frech; lazy: faul',
  },
  person: {
    of: ['man', 'woman'],
    rows: `young: jung; old: alt; friendly: freundlich; patient: geduldig; hard-working: fleißig; famous: berühmt;
      polite: höflich; tired: müde; cheerful: fröhlich; clever: klug; rich: reich; strict: streng; nervous: nervös;
      curious: neugierig; careful: vorsichtig; proud: stolz; lonely: einsam; experienced: erfahren; happy: glücklich`,
  },
  object: {
    of: ['tool', 'goods', 'furniture', 'clothes', 'luggage', 'vehicle', 'structure'],
    rows: `new: neu; broken: kaputt; dirty: schmutzig; clean: sauber; useful: nützlich; heavy: schwer;
      modern: modern; beautiful: schön; ugly: hässlich; valuable: wertvoll; practical: praktisch`,
  },
  tool: { of: ['tool'], rows: 'sharp: scharf; blunt: stumpf; rusty: rostig; sturdy: stabil; handy: handlich' },
  wood: { of: ['furniture', 'structure'], rows: 'wooden: hölzern' },
  clothes: {
    of: ['clothes'],
    rows: 'warm: warm; thick: dick; thin: dünn; elegant: elegant; wet: nass; light: leicht; woollen: wollen',
  },
  vehicle: {
    of: ['vehicle'],
    rows: 'fast: schnell; slow: langsam; full: voll; empty: leer; comfortable: bequem; noisy: laut',
  },
  building: {
    of: ['building'],
    rows: 'magnificent: prachtvoll; medieval: mittelalterlich; historic: historisch; impressive: beeindruckend; abandoned: verlassen; dark: dunkel/dunkl',
  },
  landscape: {
    of: ['landscape', 'placeIn'],
    rows: 'quiet: ruhig; lovely: lieblich; wonderful: wunderbar; picturesque: malerisch; remote: abgelegen; sunny: sonnig; shady: schattig',
  },
  service: {
    of: ['placeShop'],
    rows: 'open: offen; closed: geschlossen; popular: beliebt; pretty: hübsch; well-known: bekannt; simple: einfach',
  },
  storm: { of: ['storm'], rows: 'sudden: plötzlich; violent: heftig; threatening: bedrohlich; unexpected: unerwartet' },
  text: {
    of: ['text', 'abstract'],
    rows: 'interesting: interessant; boring: langweilig; important: wichtig; short: kurz; long: lang; strange: seltsam; wrong: falsch; right: richtig; difficult: schwierig',
  },
} as const satisfies Record<string, { readonly of: readonly NounClass[]; readonly rows: string }>

/** What the weather can be: said of days, of a place ("it is mild in Rome") and of the weather itself. */
export const WEATHER_ADJECTIVES = `warm: warm; cold: kalt; sunny: sonnig; rainy: regnerisch; windy: windig; cloudy: bewölkt;
  foggy: neblig; stormy: stürmisch; cool: kühl; mild: mild; hot: heiß; dry: trocken; humid: schwül; wet: nass; frosty: frostig;
  icy: eisig; grey: grau; clear: klar; changeable: wechselhaft; dark: dunkel/dunkl; bright: hell`

/** Adjectives that are compared: english, its comparative, german, its comparative. */
export const COMPARED = `sweet sweeter süß süßer; big bigger groß größer; small smaller klein kleiner; old older alt älter;
  expensive more_expensive teuer teurer; cheap cheaper billig billiger; beautiful more_beautiful schön schöner;
  heavy heavier schwer schwerer; fast faster schnell schneller; high higher hoch höher; long longer lang länger;
  warm warmer warm wärmer; cold colder kalt kälter; fresh fresher frisch frischer; young younger jung jünger`
