/** Different spellings of what looks the same, made one, before text is cut into tokens. */

/**
 * none: text stays as it is. nfc: letters and their marks are composed (`u` + U+0308 becomes `ü`), and characters that
 * nobody sees are left out. nfkc: compatibility characters are replaced as well (`ﬁ` by `fi`, `²` by `2`, `…` by three
 * full stops), which text cannot be given back from.
 */
export const NORMALIZATIONS = ['nfc', 'nfkc', 'none'] as const
export type Normalization = (typeof NORMALIZATIONS)[number]

/**
 * Soft hyphen, combining grapheme joiner, marks and embeddings of direction, word joiner and invisible operators, no-break
 * space without width. Joiners (U+200C, U+200D) and variation selectors stay: emoji and several scripts need them.
 */
const INVISIBLE = /[\u034f\u00ad\u061c\u180e\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu

/** The line in the form that is asked for. */
export function normalizeText(line: string, form: Normalization): string {
  switch (form) {
    case 'none':
      return line
    case 'nfc':
      return line.replace(INVISIBLE, '').normalize('NFC')
    case 'nfkc':
      return line.replace(INVISIBLE, '').normalize('NFKC')
    default:
      return form satisfies never
  }
}
