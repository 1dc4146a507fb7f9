/**
 * The nouns of the phrasebook, by semantic class. A row is `english: article Singular, Plural`, rows are separated by
 * semicolons. `english/plural` gives an irregular English plural, no German plural means a mass noun, `+n` marks the
 * weak masculines (den Nachbarn) and `gen=` an irregular genitive.
 */
export const NOUN_TABLE = {
  flower: `
    rose: die Rose, Rosen; tulip: die Tulpe, Tulpen; lily: die Lilie, Lilien; daisy: das Gänseblümchen, Gänseblümchen;
    sunflower: die Sonnenblume, Sonnenblumen; violet: das Veilchen, Veilchen; carnation: die Nelke, Nelken;
    dahlia: die Dahlie, Dahlien; orchid: die Orchidee, Orchideen; poppy: die Mohnblume, Mohnblumen;
    snowdrop: das Schneeglöckchen, Schneeglöckchen; crocus: der Krokus, Krokusse; daffodil: die Narzisse, Narzissen;
    peony: die Pfingstrose, Pfingstrosen; geranium: die Geranie, Geranien; hydrangea: die Hortensie, Hortensien;
    aster: die Aster, Astern; marigold: die Ringelblume, Ringelblumen; bluebell: die Glockenblume, Glockenblumen;
    cornflower: die Kornblume, Kornblumen; primrose: die Primel, Primeln; flower: die Blume, Blumen`,
  shrub: `
    shrub: der Strauch, Sträucher; hedge: die Hecke, Hecken; bush: der Busch, Büsche;
    rosebush: der Rosenstrauch, Rosensträucher; vine: die Weinrebe, Weinreben`,
  tree: `
    tree: der Baum, Bäume; apple tree: der Apfelbaum, Apfelbäume; pear tree: der Birnbaum, Birnbäume;
    cherry tree: der Kirschbaum, Kirschbäume; oak: die Eiche, Eichen; birch: die Birke, Birken;
    lime tree: die Linde, Linden; maple: der Ahorn, Ahorne; willow: die Weide, Weiden; fir: die Tanne, Tannen;
    pine: die Kiefer, Kiefern; beech: die Buche, Buchen; poplar: die Pappel, Pappeln; spruce: die Fichte, Fichten;
    walnut tree: der Nussbaum, Nussbäume; plum tree: der Pflaumenbaum, Pflaumenbäume`,
  fruit: `
    apple: der Apfel, Äpfel; pear: die Birne, Birnen; cherry: die Kirsche, Kirschen; plum: die Pflaume, Pflaumen;
    strawberry: die Erdbeere, Erdbeeren; raspberry: die Himbeere, Himbeeren; blackberry: die Brombeere, Brombeeren;
    blueberry: die Heidelbeere, Heidelbeeren; gooseberry: die Stachelbeere, Stachelbeeren;
    peach: der Pfirsich, Pfirsiche; apricot: die Aprikose, Aprikosen; lemon: die Zitrone, Zitronen;
    orange: die Orange, Orangen; banana: die Banane, Bananen; melon: die Melone, Melonen;
    pineapple: die Ananas, Ananas; fig: die Feige, Feigen; quince: die Quitte, Quitten; grape: die Traube, Trauben`,
  vegetable: `
    tomato/tomatoes: die Tomate, Tomaten; potato/potatoes: die Kartoffel, Kartoffeln; carrot: die Karotte, Karotten;
    onion: die Zwiebel, Zwiebeln; cucumber: die Gurke, Gurken; pumpkin: der Kürbis, Kürbisse;
    bean: die Bohne, Bohnen; pea: die Erbse, Erbsen; lettuce: der Kopfsalat, Kopfsalate;
    cabbage: der Kohlkopf, Kohlköpfe; radish: das Radieschen, Radieschen; pepper: die Paprika, Paprikas;
    aubergine: die Aubergine, Auberginen; courgette: die Zucchini, Zucchini; turnip: die Rübe, Rüben;
    artichoke: die Artischocke, Artischocken`,
  herb: `
    parsley: die Petersilie; mint: die Minze; basil: das Basilikum; thyme: der Thymian; rosemary: der Rosmarin;
    sage: der Salbei; dill: der Dill; lavender: der Lavendel`,
  tool: `
    spade: der Spaten, Spaten; rake: der Rechen, Rechen; hoe: die Hacke, Hacken;
    watering can: die Gießkanne, Gießkannen; shovel: die Schaufel, Schaufeln; wheelbarrow: die Schubkarre, Schubkarren;
    lawnmower: der Rasenmäher, Rasenmäher; hose: der Schlauch, Schläuche; axe: die Axt, Äxte; saw: die Säge, Sägen;
    hammer: der Hammer, Hämmer; ladder: die Leiter, Leitern; bucket: der Eimer, Eimer; broom: der Besen, Besen;
    knife/knives: das Messer, Messer; rope: das Seil, Seile; brush: die Bürste, Bürsten`,
  animal: `
    cat: die Katze, Katzen; dog: der Hund, Hunde; bird: der Vogel, Vögel; blackbird: die Amsel, Amseln;
    hedgehog: der Igel, Igel; frog: der Frosch, Frösche; squirrel: das Eichhörnchen, Eichhörnchen;
    rabbit: das Kaninchen, Kaninchen; mouse/mice: die Maus, Mäuse; duck: die Ente, Enten; goose/geese: die Gans, Gänse;
    hen: die Henne, Hennen; horse: das Pferd, Pferde; cow: die Kuh, Kühe; lamb: das Lamm, Lämmer;
    goat: die Ziege, Ziegen; donkey: der Esel, Esel; fox: der Fuchs, Füchse; owl: die Eule, Eulen;
    swan: der Schwan, Schwäne; mole: der Maulwurf, Maulwürfe; stork: der Storch, Störche; pigeon: die Taube, Tauben`,
  insect: `
    bee: die Biene, Bienen; wasp: die Wespe, Wespen; butterfly: der Schmetterling, Schmetterlinge;
    beetle: der Käfer, Käfer; ant: die Ameise, Ameisen; spider: die Spinne, Spinnen;
    ladybird: der Marienkäfer, Marienkäfer; bumblebee: die Hummel, Hummeln; snail: die Schnecke, Schnecken;
    caterpillar: die Raupe, Raupen; dragonfly: die Libelle, Libellen`,
  structure: `
    fence: der Zaun, Zäune; gate: das Tor, Tore; wall: die Mauer, Mauern; door: die Tür, Türen;
    bench: die Bank, Bänke; shed: der Schuppen, Schuppen; bridge: die Brücke, Brücken; fountain: der Brunnen, Brunnen;
    staircase: die Treppe, Treppen; roof: das Dach, Dächer; window: das Fenster, Fenster`,
  man: `
    gardener: der Gärtner, Gärtner; farmer: der Bauer, Bauern +n; neighbour: der Nachbar, Nachbarn +n;
    tourist: der Tourist, Touristen +n; baker: der Bäcker, Bäcker; butcher: der Metzger, Metzger;
    driver: der Fahrer, Fahrer; pilot: der Pilot, Piloten +n; student: der Student, Studenten +n;
    teacher: der Lehrer, Lehrer; doctor: der Arzt, Ärzte; cook: der Koch, Köche; waiter: der Kellner, Kellner;
    fisherman/fishermen: der Fischer, Fischer; boy: der Junge, Jungen +n; man/men: der Mann, Männer;
    father: der Vater, Väter; brother: der Bruder, Brüder; uncle: der Onkel, Onkel;
    grandfather: der Großvater, Großväter; son: der Sohn, Söhne; nephew: der Neffe, Neffen +n;
    salesman/salesmen: der Verkäufer, Verkäufer; passenger: der Passagier, Passagiere;
    hiker: der Wanderer, Wanderer; policeman/policemen: der Polizist, Polizisten +n; guest: der Gast, Gäste;
    guide: der Reiseleiter, Reiseleiter; customer: der Kunde, Kunden +n; journalist: der Journalist, Journalisten +n;
    painter: der Maler, Maler; hotelier: der Hotelier, Hoteliers; cyclist: der Radfahrer, Radfahrer;
    conductor: der Schaffner, Schaffner; captain: der Kapitän, Kapitäne; pupil: der Schüler, Schüler;
    friend: der Freund, Freunde; colleague: der Kollege, Kollegen +n; king: der König, Könige`,
  woman: `
    woman/women: die Frau, Frauen; mother: die Mutter, Mütter; sister: die Schwester, Schwestern;
    aunt: die Tante, Tanten; grandmother: die Großmutter, Großmütter; daughter: die Tochter, Töchter;
    niece: die Nichte, Nichten; saleswoman/saleswomen: die Verkäuferin, Verkäuferinnen;
    waitress: die Kellnerin, Kellnerinnen; actress: die Schauspielerin, Schauspielerinnen;
    girlfriend: die Freundin, Freundinnen; policewoman/policewomen: die Polizistin, Polizistinnen;
    farmer's wife/farmers' wives: die Bäuerin, Bäuerinnen; lady: die Dame, Damen; nurse: die Krankenschwester, Krankenschwestern;
    stewardess: die Stewardess, Stewardessen; landlady: die Vermieterin, Vermieterinnen;
    queen: die Königin, Königinnen; girl: das Mädchen, Mädchen`,
  drink: `
    water: das Wasser; tea: der Tee; coffee: der Kaffee; milk: die Milch; juice: der Saft; wine: der Wein;
    beer: das Bier; lemonade: die Limonade; cider: der Apfelwein; cocoa: der Kakao`,
  food: `
    bread: das Brot; cheese: der Käse; butter: die Butter; honey: der Honig; jam: die Marmelade; meat: das Fleisch;
    ham: der Schinken; soup: die Suppe; salt: das Salz; sugar: der Zucker; flour: das Mehl; rice: der Reis;
    chocolate: die Schokolade; cream: die Sahne; oil: das Öl; vinegar: der Essig; mustard: der Senf;
    ice cream: das Eis; yoghurt: der Joghurt`,
  snack: `
    egg: das Ei, Eier; cake: der Kuchen, Kuchen; roll: das Brötchen, Brötchen; sausage: die Wurst, Würste;
    biscuit: der Keks, Kekse; pretzel: die Brezel, Brezeln; tart: die Torte, Torten; pancake: der Pfannkuchen, Pfannkuchen;
    sandwich: das Sandwich, Sandwiches; pizza: die Pizza, Pizzas`,
  goods: `
    basket: der Korb, Körbe; bag: die Tasche, Taschen; vase: die Vase, Vasen; bottle: die Flasche, Flaschen;
    candle: die Kerze, Kerzen; plate: der Teller, Teller; cup: die Tasse, Tassen; bowl: die Schüssel, Schüsseln;
    jug: der Krug, Krüge; clock: die Uhr, Uhren; lamp: die Lampe, Lampen; carpet: der Teppich, Teppiche;
    blanket: die Decke, Decken; mirror: der Spiegel, Spiegel; spoon: der Löffel, Löffel; fork: die Gabel, Gabeln;
    pan: die Pfanne, Pfannen; toy: das Spielzeug, Spielzeuge; doll: die Puppe, Puppen; ball: der Ball, Bälle;
    picture: das Bild, Bilder; pillow: das Kissen, Kissen; necklace: die Kette, Ketten; ring: der Ring, Ringe`,
  furniture: `
    table: der Tisch, Tische; shelf/shelves: das Regal, Regale; chair: der Stuhl, Stühle; cupboard: der Schrank, Schränke;
    armchair: der Sessel, Sessel; sofa: das Sofa, Sofas; chest: die Truhe, Truhen; desk: der Schreibtisch, Schreibtische`,
  clothes: `
    hat: der Hut, Hüte; coat: der Mantel, Mäntel; dress: das Kleid, Kleider; shirt: das Hemd, Hemden;
    skirt: der Rock, Röcke; jacket: die Jacke, Jacken; scarf/scarves: der Schal, Schals; glove: der Handschuh, Handschuhe;
    shoe: der Schuh, Schuhe; boot: der Stiefel, Stiefel; cap: die Mütze, Mützen; jumper: der Pullover, Pullover;
    apron: die Schürze, Schürzen; sock: die Socke, Socken`,
  vehicle: `
    train: der Zug, Züge; bus: der Bus, Busse; tram: die Straßenbahn, Straßenbahnen; ship: das Schiff, Schiffe;
    boat: das Boot, Boote; plane: das Flugzeug, Flugzeuge; taxi: das Taxi, Taxis; ferry: die Fähre, Fähren;
    car: das Auto, Autos; bicycle: das Fahrrad, Fahrräder; lorry: der Lastwagen, Lastwagen`,
  luggage: `
    suitcase: der Koffer, Koffer; rucksack: der Rucksack, Rucksäcke; ticket: die Fahrkarte, Fahrkarten;
    passport: der Reisepass, Reisepässe; map: die Landkarte, Landkarten; camera: die Kamera, Kameras;
    tent: das Zelt, Zelte; umbrella: der Regenschirm, Regenschirme; key: der Schlüssel, Schlüssel;
    towel: das Handtuch, Handtücher; telephone: das Telefon, Telefone; wallet: die Brieftasche, Brieftaschen;
    guidebook: der Reiseführer, Reiseführer; compass: der Kompass, Kompasse; torch: die Taschenlampe, Taschenlampen;
    sleeping bag: der Schlafsack, Schlafsäcke; purse: das Portemonnaie, Portemonnaies`,
  text: `
    book: das Buch, Bücher; newspaper: die Zeitung, Zeitungen; postcard: die Postkarte, Postkarten;
    letter: der Brief, Briefe; poem: das Gedicht, Gedichte; timetable: der Fahrplan, Fahrpläne;
    menu: die Speisekarte, Speisekarten; bill: die Rechnung, Rechnungen; recipe: das Rezept, Rezepte; list: die Liste, Listen`,
  building: `
    museum: das Museum, Museen; castle: das Schloss, Schlösser; church: die Kirche, Kirchen; tower: der Turm, Türme;
    house: das Haus, Häuser; palace: der Palast, Paläste; theatre: das Theater, Theater; mill: die Mühle, Mühlen;
    monastery: das Kloster, Klöster; cathedral: der Dom, Dome; town hall: das Rathaus, Rathäuser; ruin: die Ruine, Ruinen`,
  landscape: `
    mountain: der Berg, Berge; river: der Fluss, Flüsse; lake: der See, Seen; forest: der Wald, Wälder;
    valley: das Tal, Täler; island: die Insel, Inseln; waterfall: der Wasserfall, Wasserfälle; hill: der Hügel, Hügel;
    coast: die Küste, Küsten; field: das Feld, Felder; village: das Dorf, Dörfer; town: die Stadt, Städte;
    beach: der Strand, Strände; glacier: der Gletscher, Gletscher; cave: die Höhle, Höhlen; path: der Weg, Wege`,
  placeIn: `
    garden: der Garten, Gärten; greenhouse: das Gewächshaus, Gewächshäuser; park: der Park, Parks;
    kitchen: die Küche, Küchen; cellar: der Keller, Keller; old town: die Altstadt, Altstädte;
    barn: die Scheune, Scheunen; garage: die Garage, Garagen; courtyard: der Hof, Höfe; living room: das Wohnzimmer, Wohnzimmer;
    orchard: der Obstgarten, Obstgärten; city centre: das Stadtzentrum, Stadtzentren`,
  placeOn: `
    terrace: die Terrasse, Terrassen; balcony: der Balkon, Balkone; lawn: der Rasen; meadow: die Wiese, Wiesen;
    market square: der Marktplatz, Marktplätze; campsite: der Campingplatz, Campingplätze;
    playground: der Spielplatz, Spielplätze; farm: der Bauernhof, Bauernhöfe; platform: der Bahnsteig, Bahnsteige`,
  placeAt: `
    station: der Bahnhof, Bahnhöfe; airport: der Flughafen, Flughäfen; bus stop: die Haltestelle, Haltestellen;
    harbour: der Hafen, Häfen; border: die Grenze, Grenzen; counter: der Schalter, Schalter; pond: der Teich, Teiche;
    stall: der Stand, Stände; kiosk: der Kiosk, Kioske; till: die Kasse, Kassen`,
  placeShop: `
    bakery: die Bäckerei, Bäckereien; butcher's shop: die Metzgerei, Metzgereien; supermarket: der Supermarkt, Supermärkte;
    bookshop: die Buchhandlung, Buchhandlungen; pharmacy: die Apotheke, Apotheken; restaurant: das Restaurant, Restaurants;
    café: das Café, Cafés; hotel: das Hotel, Hotels; shop: der Laden, Läden; flower shop: der Blumenladen, Blumenläden;
    market hall: die Markthalle, Markthallen; guest house: die Pension, Pensionen; school: die Schule, Schulen;
    library: die Bibliothek, Bibliotheken; department store: das Kaufhaus, Kaufhäuser`,
  storm: `
    storm: der Sturm, Stürme; thunderstorm: das Gewitter, Gewitter; shower: der Schauer, Schauer`,
  sky: `
    cloud: die Wolke, Wolken; rainbow: der Regenbogen, Regenbögen; snowflake: die Schneeflocke, Schneeflocken;
    puddle: die Pfütze, Pfützen; icicle: der Eiszapfen, Eiszapfen; snowman/snowmen: der Schneemann, Schneemänner`,
  weather: `
    rain: der Regen; snow: der Schnee; wind: der Wind; fog: der Nebel; frost: der Frost; hail: der Hagel; heat: die Hitze;
    cold: die Kälte; sun: die Sonne; drought: die Dürre; ice: das Eis; thunder: der Donner`,
  abstract: `
    question: die Frage, Fragen; answer: die Antwort, Antworten; problem: das Problem, Probleme; mistake: der Fehler, Fehler;
    address: die Adresse, Adressen; price: der Preis, Preise; offer: das Angebot, Angebote; story: die Geschichte, Geschichten;
    plan: der Plan, Pläne; weather forecast: die Wettervorhersage, Wettervorhersagen`,
  season: 'spring: der Frühling; summer: der Sommer; autumn: der Herbst; winter: der Winter',
  month: `
    January: der Januar; February: der Februar; March: der März; April: der April; May: der Mai; June: der Juni;
    July: der Juli; August: der August; September: der September; October: der Oktober; November: der November;
    December: der Dezember`,
  weekday: `
    Monday: der Montag, Montage; Tuesday: der Dienstag, Dienstage; Wednesday: der Mittwoch, Mittwoche;
    Thursday: der Donnerstag, Donnerstage; Friday: der Freitag, Freitage; Saturday: der Samstag, Samstage;
    Sunday: der Sonntag, Sonntage`,
  measure: `
    kilo: das Kilo, Kilos; gram: das Gramm, Gramm; pound: das Pfund, Pfund; litre: der Liter, Liter; glass: das Glas, Gläser;
    piece: das Stück, Stücke; degree: der Grad, Grad; euro: der Euro, Euro; cent: der Cent, Cent; minute: die Minute, Minuten;
    hour: die Stunde, Stunden; day: der Tag, Tage; week: die Woche, Wochen; year: das Jahr, Jahre;
    kilometre: der Kilometer, Kilometer; month: der Monat, Monate; night: die Nacht, Nächte`,
  ambiguous: `
    bank: die Bank, Banken; bank: das Ufer, Ufer; plant: die Pflanze, Pflanzen; plant: das Werk, Werke;
    spring: die Quelle, Quellen; light: das Licht, Lichter; bed: das Beet, Beete; bed: das Bett, Betten;
    bulb: die Blumenzwiebel, Blumenzwiebeln; bulb: die Glühbirne, Glühbirnen; letter: der Buchstabe, Buchstaben gen=Buchstabens +n;
    leaf/leaves: das Blatt, Blätter; money: das Geld; change: das Kleingeld; time: die Zeit, Zeiten; word: das Wort, Wörter;
    room: das Zimmer, Zimmer; worker: der Arbeiter, Arbeiter; child/children: das Kind, Kinder; family: die Familie, Familien;
    direction: die Richtung, Richtungen; corner: die Ecke, Ecken; street: die Straße, Straßen; colour: die Farbe, Farben;
    earth: die Erde; grass: das Gras; fruit: das Obst; sky: der Himmel; north: der Norden; south: der Süden; east: der Osten;
    west: der Westen; temperature: die Temperatur, Temperaturen; sea: das Meer, Meere`,
} as const satisfies Record<string, string>

/** A semantic class of nouns. */
export type NounClass = keyof typeof NOUN_TABLE
