import type { NounClass } from './lexicon-nouns.ts'

/** Names for sets of noun classes, used by the verb frames. */
export const NOUN_GROUPS = {
  person: ['man', 'woman'],
  creature: ['animal', 'insect'],
  plant: ['flower', 'shrub', 'tree'],
  crop: ['fruit', 'vegetable'],
  eatable: ['fruit', 'food', 'snack'],
  thing: ['goods', 'clothes', 'luggage'],
  ware: ['fruit', 'vegetable', 'food', 'snack', 'goods', 'clothes', 'drink', 'flower'],
  machine: ['vehicle', 'tool'],
  sight: ['building', 'landscape'],
} as const satisfies Record<string, readonly NounClass[]>

/**
 * The verbs that take an accusative object, by topic: rows `english: german | subjects | objects`. A dot sets off the
 * separable prefix. The same English verb appears twice where its object decides the German one (eat: essen, fressen).
 */
export const TRANSITIVE = {
  garden: `
    water: gießen | person | flower shrub vegetable; plant: pflanzen | person | plant; prune: beschneiden | person | shrub tree;
    pick: pflücken | person | flower fruit; harvest: ernten | person | crop; dig up: aus.graben | person | vegetable shrub;
    cut down: fällen | person | tree; feed: füttern | person | animal; chase away: verjagen | person | animal insect;
    paint: streichen | person | structure furniture; paint: malen | painter | flower landscape; sharpen: schärfen | person | tool;
    repair: reparieren | person | machine structure; use: benutzen | person | tool; eat: fressen | animal | crop;
    see: sehen | person creature | creature flower; hear: hören | person | animal insect storm; photograph: fotografieren | person | plant creature;
    admire: bewundern | person | plant structure; fertilise: düngen | person | plant; build: bauen | person | structure furniture;
    love: lieben | person | flower animal herb; look for: suchen | person creature | tool; find: finden | person | tool creature;
    burn: verbrennen | person | furniture; smell: riechen | person creature | herb flower; dry: trocknen | person | herb fruit;
    put away: weg.räumen | person | tool; protect: schützen | person | plant animal; destroy: zerstören | storm animal | plant structure;
    buy: kaufen | person | herb plant tool; observe: beobachten | person | creature`,
  weather: `
    observe: beobachten | person | storm sky; damage: beschädigen | storm weatherforce | structure building plant vehicle;
    fear: fürchten | person animal | storm weatherforce gloom; photograph: fotografieren | person | storm sky;
    see: sehen | person | storm sky; need: brauchen | person | umbrellas; open: öffnen | person | openable; close: schließen | person | openable;
    put on: an.ziehen | person | clothes; take off: aus.ziehen | person | clothes; expect: erwarten | person | storm weatherforce gloom;
    hate: hassen | person | weatherforce gloom; turn off: aus.schalten | person | lamps; turn on: an.schalten | person | lamps;
    bring in: herein.holen | person | furniture luggage; draw: zeichnen | person | sky landscape; lose: verlieren | tree | leaves`,
  market: `
    buy: kaufen | person | ware; sell: verkaufen | person | ware; choose: aus.wählen | person | goods clothes fruit;
    eat: essen | person | eatable; drink: trinken | person | drink; try: probieren | person | eatable drink;
    try on: an.probieren | person | clothes; weigh: wiegen | person | crop; peel: schälen | person | crop;
    wash: waschen | person | clothes crop; cook: kochen | person | vegetable soupy; bake: backen | person | baked; order: bestellen | person | drink snack;
    pay for: bezahlen | person | ware; need: brauchen | person | ware; carry: tragen | person | goods; offer: an.bieten | person | ware;
    wrap up: ein.packen | person | goods clothes; bring along: mit.bringen | person | ware; return: zurück.geben | person | goods clothes;
    sew: nähen | person | clothes; compare: vergleichen | person | prices; break: zerbrechen | person | breakable;
    cut: schneiden | person | vegetable food; smoke: räuchern | person | meats; sign: unterschreiben | person | bills; count: zählen | person | fruit goods`,
  travel: `
    visit: besuchen | person | person; visit: besichtigen | person | building; miss: verpassen | person | vehicle; miss: vermissen | person | person;
    pack: packen | person | bags; unpack: aus.packen | person | bags; forget: vergessen | person | luggage; lose: verlieren | person | luggage;
    look for: suchen | person | luggage placeShop; find: finden | person | luggage placeShop; show: zeigen | person | luggage; hire: mieten | person | vehicle;
    pick up: ab.holen | person | person; meet: treffen | person | person; invite: ein.laden | person | person; call: an.rufen | person | person;
    greet: begrüßen | person | person; ask: fragen | person | person; know: kennen | person | person sight; read: lesen | person | text;
    write: schreiben | person | text; understand: verstehen | person | abstract; translate: übersetzen | person | text;
    wake up: auf.wecken | person | person; take along: mit.nehmen | person | luggage text; reach: erreichen | person vehicle | sight;
    photograph: fotografieren | person | sight; reserve: reservieren | person | rooms; leave: verlassen | person | building town;
    steal: stehlen | person | luggage; check: prüfen | person | luggage text; wear: tragen | person | clothes; draw: zeichnen | person | sight`,
} as const

/** Nouns picked out by name for objects where a whole class would not make sense. */
export const NOUN_SETS: Record<string, string> = {
  painter: 'der Maler',
  weatherforce: 'der Regen, der Schnee, der Wind, der Frost, der Hagel, die Hitze, die Kälte, die Dürre',
  umbrellas:
    'der Regenschirm, der Mantel, die Taschenlampe, der Schal, die Mütze, der Handschuh, der Pullover, der Stiefel',
  openable: 'das Tor, die Tür, das Fenster, der Regenschirm, das Gewächshaus, die Scheune, die Garage',
  lamps: 'die Lampe, die Taschenlampe',
  gloom: 'der Nebel, der Donner',
  leaves: 'das Blatt',
  soupy: 'die Suppe, das Ei, der Reis, das Fleisch',
  baked: 'das Brot, der Kuchen, das Brötchen, der Keks, die Torte, die Brezel, der Pfannkuchen, die Pizza',
  prices: 'der Preis, das Angebot',
  breakable: 'die Vase, die Flasche, der Teller, die Tasse, die Schüssel, der Krug, der Spiegel',
  meats: 'die Wurst, der Schinken, der Käse',
  bills: 'die Rechnung, der Brief, die Liste, die Postkarte',
  bags: 'der Koffer, der Rucksack, die Tasche',
  rooms: 'das Zimmer, der Tisch',
  town: 'das Dorf, die Stadt, die Insel, das Tal',
  hangers: 'das Fenster, die Tür, der Spiegel, der Schrank, das Regal, die Uhr',
}

/** Verbs without an object: `english: german | subjects`, with a phrase after the bar where one belongs to the verb. */
export const INTRANSITIVE = {
  garden: `bloom: blühen | flower shrub; grow: wachsen | plant vegetable; wilt: welken | flower; sleep: schlafen | animal person;
    work: arbeiten | person; bark: bellen | dogs; sing: singen | person; hum: summen | bees; hide: sich_verstecken | animal;
    dig: graben | person; rest: sich_aus.ruhen | person; run away: weg.laufen | animal; die: sterben | animal; play: spielen | person animal`,
  weather: `freeze: frieren | person animal; sweat: schwitzen | person; come back: zurück.kommen | person storm; begin: beginnen | storm;
    stop: auf.hören | weatherforce storm; pass: vorüber.gehen | storm; get wet: nass_werden | person animal; stay at home: zu_Hause_bleiben | person;
    disappear: verschwinden | sky; fall over: um.fallen | tree; catch a cold: sich_erkälten | person; shine: scheinen | suns; melt: schmelzen | snows`,
  market: `haggle: feilschen | person; wait: warten | person; laugh: lachen | person; complain: sich_beschweren | person; queue: an.stehen | person;
    dance: tanzen | person; smile: lächeln | person; go shopping: ein.kaufen | person; hurry: sich_beeilen | person; save: sparen | person; chat: plaudern | person`,
  travel: `arrive: an.kommen | person vehicle; leave: ab.fahren | vehicle; depart: ab.reisen | person; get up: auf.stehen | person; travel: reisen | person;
    get on: ein.steigen | person; get off: aus.steigen | person; fall asleep: ein.schlafen | person; wake up: auf.wachen | person;
    take off: ab.fliegen | planes; land: landen | planes; return: zurück.kommen | person; camp: zelten | person; swim: schwimmen | person;
    change trains: um.steigen | person; set off: auf.brechen | person; get lost: sich_verlaufen | person; hike: wandern | person`,
} as const

/** Subjects of the verbs above, picked out by name. */
export const SUBJECT_SETS: Record<string, string> = {
  dogs: 'der Hund',
  bees: 'die Biene, die Hummel, die Wespe',
  suns: 'die Sonne',
  snows: 'der Schnee, das Eis',
  planes: 'das Flugzeug',
}

/** Verbs of giving: `english: german | objects`; the person is dative. */
export const GIVING = `give: geben | fruit flower thing text; show: zeigen | flower thing text animal; sell: verkaufen | ware tool; send: schicken | text flower thing;
  lend: leihen | tool luggage; bring: bringen | ware tool luggage; offer: an.bieten | eatable drink; recommend: empfehlen | placeShop drink food; give back: zurück.geben | tool luggage;
  explain: erklären | abstract; read aloud: vor.lesen | text; promise: versprechen | text goods`

/** Verbs whose one object is dative. */
export const DATIVE =
  'help: helfen; thank: danken; follow: folgen; answer: antworten; trust: vertrauen; congratulate: gratulieren; believe: glauben; listen to: zu.hören'

/** Verbs with a preposition: `english: german | preposition case | objects`. */
export const PREPOSITIONAL = `wait for: warten | auf acc | person vehicle; dream of: träumen | von dat | landscape building; talk about: sprechen | über acc | abstract storm;
  think of: denken | an acc | person; ask for: bitten | um acc | drink text; laugh at: lachen | über acc | abstract; look after: auf.passen | auf acc | animal luggage;
  look forward to: sich_freuen | auf acc | seasons; complain about: sich_beschweren | über acc | weatherforce text;
  worry about: sich_sorgen | um acc | plant animal; be interested in: sich_interessieren | für acc | plant building; get used to: sich_gewöhnen | an acc | weatherforce;
  look at: blicken | auf acc | sight; write to: schreiben | an acc | person`

/** Objects of the prepositional verbs, picked out by name. */
export const PREPOSITIONAL_SETS: Record<string, string> = {
  seasons: 'der Frühling, der Sommer, der Herbst, der Winter',
}

/** Putting things down: the German verb depends on how the thing lies; English has one word. */
export const PUTTING = `stellen | vase bottle jug lamp bucket cup plate bowl chair basket suitcase; legen | book newspaper letter knife spoon fork map key blanket pillow postcard ticket glove;
  hängen | picture mirror coat jacket`

/** Strong and irregular verbs (without separable prefix): `infinitive: er-form participle`, `+s` for auxiliary sein. */
export const STRONG = `überqueren: überquert überquert; ernten: erntet geerntet; bellen: bellt gebellt; gießen: gießt gegossen; beschneiden: beschneidet beschnitten; schneiden: schneidet geschnitten; graben: gräbt gegraben; streichen: streicht gestrichen;
  fressen: frisst gefressen; sehen: sieht gesehen; finden: findet gefunden; verbrennen: verbrennt verbrannt; riechen: riecht gerochen; schließen: schließt geschlossen;
  ziehen: zieht gezogen; verlieren: verliert verloren; essen: isst gegessen; trinken: trinkt getrunken; wiegen: wiegt gewogen; waschen: wäscht gewaschen; backen: backt gebacken;
  tragen: trägt getragen; bieten: bietet geboten; bringen: bringt gebracht; geben: gibt gegeben; vergleichen: vergleicht verglichen; zerbrechen: zerbricht zerbrochen;
  unterschreiben: unterschreibt unterschrieben; vergessen: vergisst vergessen; treffen: trifft getroffen; laden: lädt geladen; rufen: ruft gerufen; kennen: kennt gekannt;
  lesen: liest gelesen; schreiben: schreibt geschrieben; verstehen: versteht verstanden; nehmen: nimmt genommen; verlassen: verlässt verlassen; stehlen: stiehlt gestohlen;
  wachsen: wächst gewachsen +s; schlafen: schläft geschlafen; singen: singt gesungen; laufen: läuft gelaufen +s; sterben: stirbt gestorben +s; frieren: friert gefroren;
  kommen: kommt gekommen +s; beginnen: beginnt begonnen; gehen: geht gegangen +s; werden: wird geworden +s; bleiben: bleibt geblieben +s; verschwinden: verschwindet verschwunden +s;
  fallen: fällt gefallen +s; scheinen: scheint geschienen; schmelzen: schmilzt geschmolzen +s; stehen: steht gestanden; fahren: fährt gefahren +s; steigen: steigt gestiegen +s;
  fliegen: fliegt geflogen +s; schwimmen: schwimmt geschwommen +s; brechen: bricht gebrochen; verlaufen: verläuft verlaufen; helfen: hilft geholfen; empfehlen: empfiehlt empfohlen;
  versprechen: verspricht versprochen; sprechen: spricht gesprochen; denken: denkt gedacht; bitten: bittet gebeten; leihen: leiht geliehen; wissen: weiß gewusst; sitzen: sitzt gesessen;
  liegen: liegt gelegen; reisen: reist gereist +s; landen: landet gelandet +s; wandern: wandert gewandert +s; folgen: folgt gefolgt +s; welken: welkt gewelkt +s; auf.stehen: steht aufgestanden +s;
  auf.brechen: bricht aufgebrochen +s; ein.schlafen: schläft eingeschlafen +s; auf.wachen: wacht aufgewacht +s; sein: ist gewesen +s; haben: hat gehabt; übersetzen: übersetzt übersetzt; können: kann gekonnt;
  klingen: klingt geklungen; regnen: regnet geregnet; schneien: schneit geschneit; hageln: hagelt gehagelt; donnern: donnert gedonnert; blitzen: blitzt geblitzt; heißen: heißt geheißen; sorgen: sorgt gesorgt`

/** Irregular English verbs: `base past participle`. */
export const ENGLISH_IRREGULAR = `dig dug dug; cut cut cut; feed fed fed; eat ate eaten; see saw seen; hear heard heard; build built built; find found found; put put put; buy bought bought;
  take took taken; bring brought brought; draw drew drawn; lose lost lost; sell sold sold; choose chose chosen; drink drank drunk; pay paid paid; sew sewed sewn; break broke broken; show showed shown;
  forget forgot forgotten; meet met met; know knew known; read read read; write wrote written; understand understood understood; wake woke woken; leave left left; steal stole stolen; wear wore worn;
  grow grew grown; sleep slept slept; sing sang sung; hide hid hidden; run ran run; freeze froze frozen; come came come; begin began begun; get got got; fall fell fallen; catch caught caught;
  shine shone shone; go went gone; set set set; swim swam swum; give gave given; send sent sent; lend lent lent; think thought thought; drive drove driven; fly flew flown; sit sat sat; lie lay lain;
  have had had; be was been; say said said; bet bet bet; speak spoke spoken; hang hung hung; tell told told; feel felt felt`
