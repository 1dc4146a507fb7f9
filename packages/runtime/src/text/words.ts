/**
 * Word tokenisation with the conventions of Moses' tokenizer.perl (Koehn et al. 2007): punctuation stands apart, a
 * period stays with an abbreviation, commas and periods stay inside numbers, English contractions are `don 't`, the
 * apostrophes of French and Italian stay with the word before. Special characters are not escaped.
 */

/** Abbreviations that a period belongs to. */
const ABBREVIATIONS: Record<string, readonly string[]> = {
  en: 'Adj Adm Adv Apr Asst Aug Bart Bldg Brig Bros Capt Cmdr Col Comdr Con Corp Cpl DR Dec Dr Drs Ens Feb Fri Gen Gov Hon Hr Hosp Insp Jan Jr Jul Jun Lt MM MR MRS MS Maj Mar Messrs Mlle Mme Mon Mr Mrs Ms Msgr Nov Oct Op Ord Pfc Ph Prof Pvt Rep Reps Res Rev Rt Sat Sen Sens Sep Sept Sfc Sgt Sr St Sun Supt Surg Thu Tue Wed v vs i.e e.g rev etc'.split(
    ' ',
  ),
  de: 'Abb Abs Abt Adr Apr Art Aufl Aug Bd Best Betr Bez Bhf Co Dez Dipl Dir Dr Dres Ev Fa Feb Fr Frl Geb Gebr Hr Hrn Hrsg Ing Jan Jh Jhd Jul Jun Kap Kl Mio Mrd Mr Mrs Ms Nov Nr Okt Ost Pf Pfd Pl Prof Red Reg Sek Sep Sept St Std Str Tel Univ Vgl Wg Ziff Zt a.D allg bes bzgl bzw ca d.h dergl dgl ebd etc evtl exkl geb gegr gest ggf i.d.R inkl insb jew jhrl lfd max min mind n.Chr o.Ä od resp s.o s.u sog span u.a u.U u.ä usw v.Chr vgl vs z.B z.T z.Zt zzgl'.split(
    ' ',
  ),
}
/** Abbreviations only where a number follows: `No. 5`. */
const BEFORE_NUMBER: Record<string, readonly string[]> = {
  en: ['No', 'Nos', 'Art', 'Nr', 'pp'],
  de: ['Nr', 'Nrn', 'S', 'Art'],
}

const abbreviations = new Map<string, ReadonlySet<string>>()
function known(table: Record<string, readonly string[]>, name: string, language: string): ReadonlySet<string> {
  const key = `${name}/${language}`
  let set = abbreviations.get(key)
  if (!set) {
    const words = table[language] ?? table.en
    set = new Set(words.flatMap(word => [word, word.toLowerCase()]))
    abbreviations.set(key, set)
  }
  return set
}

/** Longer runs without a space are no words of any language; they are cut, so that all patterns stay quick. */
const LONGEST_RUN = 1000

/** The tokens of a line. Never throws; control characters count as spaces. */
export function tokenizeWords(line: string, language: string): string[] {
  let text = ` ${line.replace(/[\p{Cc}\p{Z}\u200b\ufeff]+/gu, ' ')} `
  // Everything that is no letter, digit, or one of . ' ` , - stands apart.
  text = text.replace(/([^\p{L}\p{M}\p{N}\s.'`,-])/gu, ' $1 ')
  // Dots in a row are one token.
  text = text.replace(/\.{2,}/gu, dots => ` ${dots} `)
  // A comma or period between digits stays; another comma stands apart.
  text = text.replace(/(?<=\P{N}),|,(?=\P{N})/gu, ' , ')
  text = apostrophes(text, language)
  return periods(text.split(' ').filter(Boolean), language)
}

function apostrophes(text: string, language: string): string {
  if (language === 'en')
    return text
      .replace(/(?<=[^\p{L}\s])'(?=[^\p{L}\s]|\s)|(?<=\s)'(?=\s)/gu, " ' ")
      .replace(/(?<=[^\p{L}\p{N}])'(?=\p{L})/gu, " ' ")
      .replace(/(?<=\p{L})'(?=[^\p{L}])/gu, " ' ")
      .replace(/(?<=\p{L})'(?=\p{L})/gu, " '")
      .replace(/(?<=\p{N})'(?=s)/gu, " '")
  if (language === 'fr' || language === 'it')
    return text.replace(/(?<=[^\p{L}])'|'(?=[^\p{L}])/gu, " ' ").replace(/(?<=\p{L})'(?=\p{L})/gu, "' ")
  return text.replace(/'/gu, " ' ")
}

/** Splits a period from a word that it ends, unless the word is an abbreviation. */
function periods(words: readonly string[], language: string): string[] {
  const before = known(ABBREVIATIONS, 'any', language)
  const beforeNumber = known(BEFORE_NUMBER, 'number', language)
  return words.flatMap((word, i) => {
    if (word.length > LONGEST_RUN) return cut(word)
    if (word.length < 2 || !word.endsWith('.') || word.endsWith('..')) return [word]
    const stem = word.slice(0, -1)
    const next = words[i + 1] ?? ''
    if (stem.includes('.') && /\p{L}/u.test(stem)) return [word]
    if (/^\p{L}$/u.test(stem) && /^\p{Lu}$/u.test(stem) && next !== '') return [word]
    if (before.has(stem) && next !== '') return [word]
    if (next !== '' && /^\p{Ll}/u.test(next)) return [word]
    if (beforeNumber.has(stem) && /^\p{N}/u.test(next)) return [word]
    // German ordinals and dates: "am 3. Mai".
    if (language === 'de' && /^\d{1,2}$/u.test(stem) && next !== '') return [word]
    return [stem, '.']
  })
}

function cut(word: string): string[] {
  const parts: string[] = []
  for (let i = 0; i < word.length; i += LONGEST_RUN) parts.push(word.slice(i, i + LONGEST_RUN))
  return parts
}

/** Text from tokens: spaces where the language has them. */
export function detokenizeWords(tokens: readonly string[], language: string): string {
  let text = ''
  let space = ''
  let quotes = 0
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]
    const straight = token === '"' || (token === "'" && language !== 'en')
    if (/^[,.?!:;%)\]}»”’]+$/u.test(token) || /^\.{2,}$/u.test(token)) {
      text += token
      space = ' '
    } else if (/^[([{¿¡«„“‘$£#]$/u.test(token) && !(token === '“' && text.lastIndexOf('„') > text.lastIndexOf('“'))) {
      text += space + token
      space = ''
    } else if (token === '“') {
      text += token
      space = ' '
    } else if (language === 'en' && /^'\p{L}/u.test(token) && i > 0) {
      text += token
      space = ' '
    } else if (straight) {
      quotes++
      text += quotes % 2 === 1 ? space + token : token
      space = quotes % 2 === 1 ? '' : ' '
    } else if ((token === '/' || token === '@') && i > 0 && i + 1 < tokens.length) {
      text += token
      space = ''
    } else {
      text += (text === '' ? '' : space) + token
      space = ' '
    }
  }
  return text.trim()
}
