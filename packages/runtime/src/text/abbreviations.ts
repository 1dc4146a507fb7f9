/** Abbreviations whose period belongs to the word, by language, gathered by what they are used for. */

const list = (...lines: string[]): string[] => lines.flatMap(line => line.split(' '))

/** A period after one of these does not end a sentence when a word follows. */
const BEFORE_WORD: Record<string, readonly string[]> = {
  en: list(
    'Mr Mrs Ms Messrs Mme Mlle Dr Drs Prof Rev Hon Fr Sr Jr St Esq Ph',
    'Gov Sen Sens Rep Reps Pres Supt Insp Amb',
    'Gen Col Maj Capt Cmdr Lt Sgt Cpl Pvt Adm Brig',
    'Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thurs Fri Sat Sun',
    'Ave Blvd Rd Mt Ft Bldg Dept Univ Inc Ltd Corp Co Bros Assn',
    'vs v etc cf viz approx est ca al i.e e.g a.m p.m',
  ),
  de: list(
    'Hr Hrn Fr Frl Dr Dres Prof Dipl Ing Mag Mr Mrs Ms St Hl Gebr Geb Präs Min Abg Dir',
    'Jan Feb Mär Apr Jun Jul Aug Sep Sept Okt Nov Dez Mo Di Mi Do Sa So',
    'Str Pl Bhf Hbf Tel Fa Abt Univ Inst Ges',
    'Abb Abs Anm Art Aufl Bd Bde Bsp Hrsg Jh Jhd Kap Mio Mrd Std Tab Vgl Ziff Zt',
    'allg bes bspw bzgl bzw ca dgl ebd einschl etc evtl exkl geb gegr gest ggf inkl insb jew max min mind',
    'od resp sog span tägl teilw usf usw vgl vorm vs zit zzgl',
    'a.D d.h d.i i.d.R m.E n.Chr o.Ä o.ä s.o s.u u.a u.ä u.U v.a v.Chr z.B z.T z.Zt',
  ),
}

/** Only where a number follows: `No. 5`, `S. 12`. */
const BEFORE_NUMBER: Record<string, readonly string[]> = {
  en: list('No Nos Nr Art Fig Figs Vol Ch Sec p pp'),
  de: list('Nr Nrn Art S Bd Kap Abb Abs Aufl'),
}

/** The abbreviations of one language. */
export interface Abbreviations {
  readonly beforeWord: ReadonlySet<string>
  readonly beforeNumber: ReadonlySet<string>
}

/** As they stand, and in lower case, for text that was lower-cased already. */
const bothCases = (words: readonly string[]) => new Set(words.flatMap(word => [word, word.toLowerCase()]))

const tables = new Map(
  Object.keys(BEFORE_WORD).map(language => [
    language,
    { beforeWord: bothCases(BEFORE_WORD[language]), beforeNumber: bothCases(BEFORE_NUMBER[language]) },
  ]),
)

/** The abbreviations of a language; those of English where we know none. */
export function abbreviationsOf(language: string): Abbreviations {
  return tables.get(language) ?? tables.get('en')!
}
