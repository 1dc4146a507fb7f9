import { execFileSync, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRereadable, requireRereadable, type TextSource } from '../../src/corpus/bytes.ts'
import { lines, readLines } from '../../src/corpus/lines.ts'
import { temporaryDirectory } from '../support.ts'
import { temporaryFile } from './temporary.ts'

type Content = string | Uint8Array
const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map(part => Buffer.from(part as string)))

/** The content as a stream, in pieces of `size` bytes. */
function stream(content: Content, size = 3): TextSource {
  const all = Buffer.from(content as string)
  async function* pieces() {
    for (let i = 0; i < all.length; i += size) yield all.subarray(i, i + size)
  }
  return { name: 'standard input', bytes: pieces() }
}

/** What a file and a stream of the same content give; they have to give the same. */
async function linesOf(content: Content): Promise<string[]> {
  const found = await readLines(await temporaryFile('text', content))
  for (const size of [1, 2, 7, 1 << 16])
    if (size > 2 || content.length < 1000) expect(await readLines(stream(content, size))).toEqual(found)
  return found
}

describe('lines', () => {
  test('LF, CR LF, no last line end, empty lines, a byte-order mark', async () => {
    expect(await linesOf('one\r\ntwo\n\nfour')).toEqual(['one', 'two', '', 'four'])
    expect(await linesOf('\ufeffone\n\ufefftwo\n')).toEqual(['one', '\ufefftwo'])
    expect(await linesOf('\n')).toEqual([''])
    expect(await linesOf('\ufeff\n')).toEqual([''])
  })

  test('nothing else ends a line', async () => {
    const odd = ['a\rb', 'a\fb', 'a\vb', 'a\u0085b', 'a\u2028b', 'a\u2029b', 'a\u001eb', '\tа\t', '😀', '\u{1f1e6}']
    expect(await linesOf(odd.map(line => `${line}\n`).join(''))).toEqual(odd)
    expect(await linesOf('a\r\r\nb\r')).toEqual(['a\r', 'b'])
  })

  test('any text comes back', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary' }).map(line => line.replace(/[\r\n\0]|^\ufeff/gu, ''))),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('\n', '\r\n'),
        async (text, size, end) => {
          const content = text.map(line => `x${line}${end}`).join('')
          expect(await readLines(stream(content, size))).toEqual(text.map(line => `x${line}`))
          if (text.length > 0)
            expect(await readLines(stream(gzipSync(content), size))).toEqual(text.map(line => `x${line}`))
        },
      ),
      { numRuns: 50 },
    ))

  test('gzip, by what it holds and not by its name; members in a row', async () => {
    expect(await readLines(await temporaryFile('a.gz', 'one\ntwo\n'))).toEqual(['one', 'two'])
    expect(await linesOf(bytes([...gzipSync('one\n')], [...gzipSync('two\n')]))).toEqual(['one', 'two'])
  })

  test('lines that go over many chunks', async () => {
    const long = 'ä'.repeat(1_000_000)
    expect(await readLines(await temporaryFile('a', `${long}\nx\n${long}`))).toEqual([long, 'x', long])
  })

  test('without a line: none, or an error if asked for', async () => {
    for (const content of ['', '\ufeff', gzipSync('')]) {
      expect(await linesOf(content)).toEqual([])
      const path = await temporaryFile('none', content)
      await expect(readLines(path, { nonEmpty: true })).rejects.toThrow(`${path} is empty`)
      await expect(readLines(stream(content), { nonEmpty: true })).rejects.toThrow('standard input is empty')
    }
  })

  test('each comes as soon as its end has arrived', async () => {
    async function* typed() {
      yield Buffer.from('first\nsec')
      await new Promise(() => {})
    }
    const typing = lines({ name: 'standard input', bytes: typed() })
    expect(await typing.next()).toEqual({ value: 'first', done: false })
    async function* one() {
      yield Buffer.from('\n')
      await new Promise(() => {})
    }
    expect(await lines({ name: 'standard input', bytes: one() }).next()).toEqual({ value: '', done: false })
  })

  test('the bytes that were read are told, packed ones of gzip', async () => {
    const packed = gzipSync('one\n'.repeat(1000))
    let read = 0
    await readLines(stream(packed, 10), {
      onRead: n => {
        read += n
      },
    })
    expect(read).toBe(packed.length)
  })
})

describe('what is no text', () => {
  const bad: [what: string, content: Content, code: string, message: RegExp][] = [
    ['invalid UTF-8', bytes('one\ntwo\n', [0x66, 0xfc, 0x72], '\n'), 'invalid-utf8', /line 3: not valid UTF-8/],
    ['a surrogate', bytes('one\n', [0xed, 0xa0, 0x80], '\n'), 'invalid-utf8', /line 2:/],
    ['a character cut at a line end', bytes([0xc3], '\n', [0xa4]), 'invalid-utf8', /line 1:/],
    ['cut gzip', gzipSync('one\n'.repeat(1000)).subarray(0, 30), 'damaged-gzip', /damaged or cut/],
    ['no lines', new Uint8Array(17 << 20).fill(65), 'line-too-long', /line 1: over/],
    ['xz', bytes([0xfd], '7zXZ', [0, 0, 4]), 'not-text', /compressed with xz; unpack it first/],
    ['zstd', bytes([0x28, 0xb5, 0x2f, 0xfd, 4]), 'not-text', /compressed with zstd; unpack/],
    ['zstd behind a skippable frame', bytes([0x53, 0x2a, 0x4d, 0x18, 4]), 'not-text', /compressed with zstd; unpack/],
    ['bzip2', bytes('BZh9', [0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 1]), 'not-text', /compressed with bzip2; unpack/],
    ['lz4', bytes([0x04, 0x22, 0x4d, 0x18, 1]), 'not-text', /compressed with lz4/],
    ['zip', bytes('PK', [3, 4, 20]), 'not-text', /zip archive .*unzip/],
    ['7z', bytes('7z', [0xbc, 0xaf, 0x27, 0x1c, 0]), 'not-text', /7z archive/],
    ['PDF', '%PDF-1.4\n', 'not-text', /PDF/],
    ['UTF-16', Buffer.from('\ufeffone\n', 'utf16le'), 'not-text', /is UTF-16; convert it to UTF-8/],
    ['UTF-16, high byte first', bytes([0xfe, 0xff, 0, 0x6f]), 'not-text', /is UTF-16; convert/],
    ['UTF-16 without a mark', Buffer.from('one\n', 'utf16le'), 'not-text', /seems to be UTF-16 without/],
    ['UTF-32', bytes([0xff, 0xfe, 0, 0, 0x6f, 0, 0, 0]), 'not-text', /is UTF-32/],
    ['UTF-16 in gzip', gzipSync(Buffer.from('\ufeffone\n', 'utf16le')), 'not-text', /is UTF-16 when unpacked/],
    ['gzip in gzip', gzipSync(gzipSync('one\n')), 'not-text', /is compressed with gzip when unpacked/],
  ]
  test.each(bad)('%s', async (_, content, code, message) => {
    const path = await temporaryFile('bad.txt', content)
    await expect(readLines(path)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    await expect(readLines(path)).rejects.toThrow(path)
    for (const size of content.length > 1000 ? [1 << 16] : [1, 1 << 16])
      await expect(readLines(stream(content, size))).rejects.toMatchObject({
        code,
        message: expect.stringMatching(new RegExp(`^standard input.*${message.source}`, 'u')),
      })
  })

  test('text that starts like one of these is text', async () => {
    for (const text of ['BZh9', 'BZh is a name', 'PK', 'LZIP is a packer', '7z', 'Rar!', 'P', '%PD', 'B'])
      expect(await linesOf(text)).toEqual([text])
  })

  test('missing, and no file', async () => {
    const directory = await temporaryDirectory()
    await expect(readLines(join(directory, 'none'))).rejects.toMatchObject({ code: 'missing-file' })
    await expect(readLines(directory)).rejects.toMatchObject({ code: 'not-a-file' })
    await expect(isRereadable(join(directory, 'none'))).rejects.toMatchObject({ code: 'missing-file' })
    await expect(isRereadable(directory)).rejects.toMatchObject({ code: 'not-a-file' })
  })
})

describe.skipIf(process.platform === 'win32')('pipes', () => {
  test('are read once, and refused with the reason where that is not enough', async () => {
    const path = join(await temporaryDirectory(), 'pipe')
    execFileSync('mkfifo', [path])
    expect(await isRereadable(path)).toBe(false)
    await expect(requireRereadable(path, 'prepare reads the training text twice')).rejects.toMatchObject({
      code: 'read-once',
      message: `${path} is a pipe and can be read once only; prepare reads the training text twice: write it to a file first`,
    })
    createWriteStream(path).end('one\ntwo\n')
    expect(await readLines(path)).toEqual(['one', 'two'])
  })

  test('standard input is read by the same rules, and once', async () => {
    const program = `import { readLines } from ${JSON.stringify(new URL('../../dist/corpus/lines.js', import.meta.url).href)}
      console.log(JSON.stringify(await readLines('-')))
      await readLines('/dev/stdin').catch(error => console.log(error.message))`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program])
    child.stdin.end('one\rand a half\u2028\r\ntwo')
    let output = ''
    for await (const chunk of child.stdout) output += String(chunk)
    const [read, refused] = output.split('\n')
    expect(JSON.parse(read)).toEqual(['one\rand a half\u2028', 'two'])
    expect(refused).toBe('standard input is named twice; it can be read once only')
  })

  test('/dev/null is empty', async () => {
    expect(await readLines('/dev/null')).toEqual([])
  })
})
