/** Words and phrases that do not inflect: names, places, times, adverbs, numbers. Rows are `english: german`. */

export const FIRST_NAMES = {
  m: 'Peter; Paul; Max; Felix; Jonas; Lukas; Emil; Oskar; Anton; Karl; Moritz; Theo',
  f: 'Anna; Clara; Emma; Julia; Lena; Marie; Sophie; Hanna; Laura; Nina; Paula; Greta',
}
export const SURNAMES = 'Weber; Schmidt; Becker; Wagner; Hoffmann; Koch; Richter; Klein; Wolf; Braun; Lange; Krüger'

export const CITIES = `Berlin: Berlin; Munich: München; Cologne: Köln; Vienna: Wien; Hamburg: Hamburg; Rome: Rom; Paris: Paris; Prague: Prag; Venice: Venedig; Zurich: Zürich; Geneva: Genf;
  Dresden: Dresden; Lisbon: Lissabon; Warsaw: Warschau; Copenhagen: Kopenhagen; Milan: Mailand; Brussels: Brüssel; London: London; Athens: Athen; Nuremberg: Nürnberg; Florence: Florenz; Naples: Neapel`
export const COUNTRIES = `Germany: Deutschland; Austria: Österreich; France: Frankreich; Italy: Italien; Spain: Spanien; Greece: Griechenland; Poland: Polen; Denmark: Dänemark; Norway: Norwegen;
  Sweden: Schweden; Portugal: Portugal; Hungary: Ungarn; Ireland: Irland; Finland: Finnland`
export const LANGUAGES =
  'German: Deutsch; English: Englisch; French: Französisch; Italian: Italienisch; Spanish: Spanisch; Polish: Polnisch'

/** Times by the tenses they go with. */
export const TIMES = {
  habit: `in the morning: am Morgen; in the evening: am Abend; at noon: am Mittag; in the afternoon: am Nachmittag; every day: jeden Tag; every week: jede Woche; every year: jedes Jahr;
    at night: in der Nacht; at the weekend: am Wochenende; before breakfast: vor dem Frühstück; after lunch: nach dem Mittagessen; during the holidays: in den Ferien; every morning: jeden Morgen;
    on public holidays: an Feiertagen; early in the morning: früh am Morgen; before sunrise: vor Sonnenaufgang; after work: nach der Arbeit; every evening: jeden Abend`,
  past: `yesterday: gestern; last week: letzte Woche; last year: letztes Jahr; last summer: letzten Sommer; the day before yesterday: vorgestern; yesterday morning: gestern Morgen; last month: letzten Monat;
    yesterday evening: gestern Abend; a week ago: vor einer Woche; a year ago: vor einem Jahr; an hour ago: vor einer Stunde; recently: neulich; after the storm: nach dem Sturm; at that time: damals; last winter: letzten Winter`,
  future: `tomorrow: morgen; next week: nächste Woche; next year: nächstes Jahr; tomorrow morning: morgen früh; the day after tomorrow: übermorgen; next month: nächsten Monat; soon: bald; tonight: heute Abend;
    tomorrow evening: morgen Abend; next summer: nächsten Sommer; in an hour: in einer Stunde; in a week: in einer Woche; later: später; tomorrow afternoon: morgen Nachmittag; in two days: in zwei Tagen`,
  now: 'today: heute; this morning: heute Morgen; this week: diese Woche; this year: dieses Jahr; this afternoon: heute Nachmittag; this month: diesen Monat',
}
export const FREQUENCIES =
  'often: oft; always: immer; sometimes: manchmal; usually: meistens; rarely: selten; never: nie; almost always: fast immer'
export const MANNERS = `carefully: vorsichtig; quickly: schnell; slowly: langsam; gladly: gern; alone: allein; together with the children: zusammen mit den Kindern; quietly: leise; patiently: geduldig; in a hurry: in Eile;
  with great joy: mit großer Freude; as usual: wie üblich; without help: ohne Hilfe`
export const DEGREES =
  'very: sehr; quite: ziemlich; too: zu; really: wirklich; rather: eher; extremely: äußerst; incredibly: unglaublich; almost: fast'
export const MOODS =
  'perhaps: vielleicht; unfortunately: leider; fortunately: zum Glück; probably: wahrscheinlich; of course: natürlich; apparently: anscheinend'
export const NUMBERS = `one: eins; two: zwei; three: drei; four: vier; five: fünf; six: sechs; seven: sieben; eight: acht; nine: neun; ten: zehn; eleven: elf; twelve: zwölf; thirteen: dreizehn; fourteen: vierzehn;
  fifteen: fünfzehn; sixteen: sechzehn; seventeen: siebzehn; eighteen: achtzehn; nineteen: neunzehn; twenty: zwanzig; thirty: dreißig; forty: vierzig; fifty: fünfzig; sixty: sechzig; seventy: siebzig; eighty: achtzig;
  ninety: neunzig; a hundred: hundert`
export const ORDINALS = `first: ersten; second: zweiten; third: dritten; fourth: vierten; fifth: fünften; sixth: sechsten; seventh: siebten; eighth: achten; ninth: neunten; tenth: zehnten; eleventh: elften; twelfth: zwölften;
  thirteenth: dreizehnten; fifteenth: fünfzehnten; twentieth: zwanzigsten; thirtieth: dreißigsten`
export const EXPRESSIONS = `Good morning: Guten Morgen; Good evening: Guten Abend; Excuse me: Entschuldigung; Thank you very much: Vielen Dank; Goodbye: Auf Wiedersehen; Have a good trip: Gute Reise; See you tomorrow: Bis morgen;
  Welcome: Willkommen; Enjoy your meal: Guten Appetit; With pleasure: Sehr gern; No problem: Kein Problem; Watch out: Vorsicht`
/** Verbs of saying and thinking that take a dass-clause. */
export const SAYING =
  'say: sagen; think: denken; believe: glauben; know: wissen; hope: hoffen; see: sehen; hear: hören; fear: fürchten'
export const CONJUNCTIONS =
  'because: weil; although: obwohl; if: wenn; that: dass; before: bevor; whether: ob; and: und; but: aber; or: oder; while: während; as soon as: sobald'
export const MODALS =
  'can: können; must: müssen; should: sollen; may: dürfen; want to: wollen; have to: müssen; would like to: mögen; could: können; had to: müssen; wanted to: wollen'
export const FUNCTION_WORDS = `the: der; a: ein; no: kein; this: dieser; my: mein; our: unser; his: sein; her: ihr; their: ihr; your: Ihr; your: dein; some: einige; many: viele; I: ich; we: wir; he: er; she: sie; it: es; they: sie;
  you: Sie; you: du; who: wer; what: was; when: wann; where: wo; where to: wohin; why: warum; how much: wie viel; how many: wie viele; which: welcher; not: nicht; yes: ja; please: bitte; from: aus; with: mit; without: ohne; for: für;
  under: unter; behind: hinter; between: zwischen; next to: neben; in front of: vor; through: durch; on: auf; in: in; at: an; to: zu; than: als; here: hier; there: dort; everywhere: überall; now: jetzt; per: pro`
