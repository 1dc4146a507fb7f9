import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { trainNew } from '../../src/pipeline/train.ts'
import { toyConfiguration, toyData } from '../support.ts'
import { bin } from './program.ts'

let directory: string
let model: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'espalier-'))
  model = join(directory, 'model')
  const data = await toyData(directory, 40)
  await trainNew(data, { configuration: toyConfiguration({ training: { epochs: 1 } }), out: model, threads: 1 })
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const translate = (...words: string[]) =>
  spawn(process.execPath, [bin, 'translate', model, '--beam', '1', '--threads', '1', ...words])

async function translated(input: string | Uint8Array, ...words: string[]) {
  const child = translate(...words)
  child.stdin.end(input)
  let [output, errors] = ['', '']
  child.stderr.on('data', part => {
    errors += String(part)
  })
  for await (const part of child.stdout) output += String(part)
  const status = child.exitCode ?? (await new Promise(resolve => child.once('close', resolve)))
  return { status, lines: output.split('\n').length - 1, output, errors }
}

test('standard input is read as a file is', async () => {
  const text = 'one two\nthree\rfour\nfive\u2028six\r\n'
  const file = join(directory, 'odd.txt')
  await writeFile(file, text)
  const [byFile, byPipe] = [await translated('', file), await translated(text)]
  expect(byPipe).toEqual(byFile)
  expect(byPipe.lines).toBe(3)
  expect(await translated(gzipSync(text), '-')).toEqual(byFile)
  expect(await translated(Buffer.from([0x6f, 0xff, 10]))).toMatchObject({
    status: 2,
    errors: expect.stringMatching(/^espalier: standard input, line 1: not valid UTF-8/),
  })
  expect(await translated('')).toMatchObject({ status: 0, output: '' })
  expect(await translated('', '/dev/null')).toMatchObject({ status: 0, output: '' })
}, 60_000)

test('a line is translated while the next is still to come', async () => {
  const child = translate()
  child.stdin.write('one two\n')
  const first = await new Promise(resolve => child.stdout.once('data', part => resolve(String(part))))
  expect(first).toMatch(/^[^\n]*\n$/u)
  child.stdin.end('three\n')
  let rest = ''
  for await (const part of child.stdout) rest += String(part)
  expect(rest).toMatch(/^[^\n]*\n$/u)
}, 60_000)
