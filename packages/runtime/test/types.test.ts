/** The package's declarations as a stranger's program meets them: checked themselves, with few types of others. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))

const COMMON = `
import {
  canShareMemory, LatestTranslation, LIMITS, openTranslationService, PackedFileError, startTranslator,
  type TranslateOptions, type TranslationService, Translator, UserError, type WorkerLike,
} from '@espalier/runtime'
import { PackedReader } from '@espalier/runtime/packed'

export async function main(bytes: Uint8Array, createWorker: () => WorkerLike): Promise<string> {
  const options: TranslateOptions = { beam: LIMITS.beam, maxLength: n => 2 * n, signal: AbortSignal.timeout(1000) }
  const services: TranslationService[] = [
    await Translator.load(bytes),
    await startTranslator(bytes, { threads: canShareMemory() ? 2 : 1, createWorker }),
    await openTranslationService(bytes),
  ]
  try {
    const [first, second] = services as [TranslationService, TranslationService]
    for await (const found of first.stream(['one'], options)) return found.map(({ text }) => text).join()
    const [[best]] = await new LatestTranslation(second).translate(['two'])
    return best.text
  } catch (error) {
    return error instanceof PackedFileError ? error.section : error instanceof UserError ? error.code : 'other'
  } finally {
    for (const service of services) await service.release()
  }
}

export async function disposes(): Promise<number> {
  await using service = await openTranslationService('model.espalier')
  const reader = await PackedReader.open(new Uint8Array())
  return (service.model?.memory ?? 0) + reader.bytes
}
`

const NODE = `
import { createNodeWorker } from '@espalier/runtime/node'
import { main } from './common.ts'
console.log(await main(new Uint8Array(), createNodeWorker))
`

/** @returns what the compiler complains of */
async function complaints(files: Record<string, string>, options: object): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'espalier-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  await mkdir(join(directory, 'node_modules', '@espalier'), { recursive: true })
  await symlink(join(root, 'packages/runtime'), join(directory, 'node_modules/@espalier/runtime'))
  for (const name of ['@types', 'undici-types'])
    await symlink(join(root, 'node_modules', name), join(directory, 'node_modules', name))
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  const compilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true },
    ...{ allowImportingTsExtensions: true, target: 'es2022' },
    ...options,
  }
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  return promisify(execFile)(process.execPath, [compiler, '-p', directory]).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }) => `${stdout}${stderr}` || 'the compiler failed',
  )
}

describe('the declarations compile', () => {
  it('in Node, with the types of ECMAScript and Node 20 alone', async () => {
    const options = { lib: ['es2023'], types: ['node'], module: 'nodenext' }
    expect(await complaints({ 'common.ts': COMMON, 'node.ts': NODE }, options)).toBe('')
  })

  it('in a page, with the types of the DOM alone', async () => {
    const options = { lib: ['es2023', 'dom'], types: [], module: 'esnext', moduleResolution: 'bundler' }
    expect(await complaints({ 'common.ts': COMMON }, options)).toBe('')
  })
})
