/** Kinds of files that are recognised by their first bytes: gzip is read, the others are refused by name. */

/** A byte, or any byte that passes a test. */
type ByteTest = number | ((byte: number) => boolean)

export interface Signature {
  readonly kind: 'gzip' | 'utf-16' | 'refused'
  readonly start: readonly ByteTest[]
  /** What such a file is, and how to make text of it. */
  readonly name: string
  readonly remedy: string
}

const ascii = (text: string): number[] => Array.from(text, character => character.charCodeAt(0))
const printable = (byte: number) => byte >= 0x20 && byte < 0x7f
const TO_UTF8 = 'convert it to UTF-8, with iconv -f UTF-16 -t UTF-8, say'

const refused = (name: string, remedy: string, ...start: ByteTest[]): Signature => ({
  kind: 'refused',
  start,
  name,
  remedy,
})
const utf16 = (...start: ByteTest[]): Signature => ({
  kind: 'utf-16',
  start,
  name: 'is UTF-16',
  remedy: TO_UTF8,
})

/** The first one that fits counts. */
const SIGNATURES: readonly Signature[] = [
  { kind: 'gzip', start: [0x1f, 0x8b], name: 'is compressed with gzip', remedy: 'unpack it with gunzip' },
  refused('is compressed with xz', 'unpack it first: unxz', 0xfd, ...ascii('7zXZ'), 0),
  refused('is compressed with zstd', 'unpack it first: unzstd', 0x28, 0xb5, 0x2f, 0xfd),
  refused('is compressed with zstd', 'unpack it first: unzstd', b => b >= 0x50 && b < 0x60, 0x2a, 0x4d, 0x18),
  refused(
    'is compressed with bzip2',
    'unpack it first: bunzip2',
    ...ascii('BZh'),
    b => b >= 0x31 && b <= 0x39,
    ...[0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
  ),
  refused('is compressed with lz4', 'unpack it first: unlz4', 0x04, 0x22, 0x4d, 0x18),
  refused('is compressed with lzip', 'unpack it first: lzip -d', ...ascii('LZIP'), 1),
  refused('is compressed with compress', 'unpack it first: uncompress', 0x1f, 0x9d),
  refused(
    'is a zip archive (or an office document)',
    'take the text out of it first: unzip, or save it as plain text',
    ...ascii('PK'),
    ...[3, 4],
  ),
  refused('is a 7z archive', 'take the text out of it first: 7z x', ...ascii('7z'), 0xbc, 0xaf, 0x27, 0x1c),
  refused('is a rar archive', 'take the text out of it first: unrar x', ...ascii('Rar!'), 0x1a, 7),
  refused('is a PDF', 'save its text as plain text', ...ascii('%PDF-'), printable),
  refused('is UTF-32', TO_UTF8.replace('UTF-16', 'UTF-32'), 0xff, 0xfe, 0, 0),
  refused('is UTF-32', TO_UTF8.replace('UTF-16', 'UTF-32'), 0, 0, 0xfe, 0xff),
  utf16(0xff, 0xfe),
  utf16(0xfe, 0xff),
  refused(
    'seems to be UTF-16 without a byte-order mark',
    TO_UTF8.replace('UTF-16', 'UTF-16LE'),
    printable,
    0,
    printable,
    0,
  ),
  refused(
    'seems to be UTF-16 without a byte-order mark',
    TO_UTF8.replace('UTF-16', 'UTF-16BE'),
    0,
    printable,
    0,
    printable,
  ),
]

/**
 * The signature that a file starts with; `undecided` where more bytes have to be seen.
 * @param bytes the file's first ones
 * @param complete whether these are all that it has
 */
export function signatureOf(bytes: Uint8Array, complete: boolean): Signature | 'undecided' | undefined {
  for (const signature of SIGNATURES) {
    const fits = signature.start.every((test, i) => {
      if (i >= bytes.length) return true
      return typeof test === 'number' ? test === bytes[i] : test(bytes[i])
    })
    if (fits && bytes.length >= signature.start.length) return signature
    if (fits && !complete) return 'undecided'
  }
  return undefined
}
