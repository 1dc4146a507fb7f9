/** The package as others have it: with or without ONNX Runtime, in Node, in a page, and in a TypeScript program. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const compiler = join(root, 'node_modules/typescript/bin/tsc')
const node = (...words: string[]) => promisify(execFile)(process.execPath, words)

/** A project that has the engine, protobufjs and nothing else. */
let project: string
let dist: string

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'espalier-engine-'))
  const engine = join(project, 'node_modules/@espalier/engine')
  dist = join(engine, 'dist')
  await mkdir(engine, { recursive: true })
  await cp(join(root, 'packages/engine/package.json'), join(engine, 'package.json'))
  await node(compiler, '-p', join(root, 'packages/engine'), '--outDir', dist, '--composite', 'false')
  await symlink(join(root, 'node_modules/protobufjs'), join(project, 'node_modules/protobufjs'))
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
})
afterAll(() => rm(project, { recursive: true, force: true }))

/** The modules that a module reaches by static or dynamic imports: its own files, and the names of all others. */
async function reached(entry: string): Promise<{ files: string[]; others: string[] }> {
  const files = new Set<string>()
  const others = new Set<string>()
  const visit = async (file: string): Promise<void> => {
    if (files.has(file)) return
    files.add(file)
    for (const [, name] of (await readFile(file, 'utf8')).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)) {
      if (name.startsWith('.')) await visit(join(dirname(file), name))
      else others.add(name)
    }
  }
  await visit(join(dist, entry))
  return { files: [...files].map(file => relative(dist, file)), others: [...others] }
}

describe('without ONNX Runtime', () => {
  it('the engine reaches no package, no Node module and no backend', async () => {
    const { files, others } = await reached('index.js')
    expect(others).toEqual([])
    expect(files).toContain('graph/gradient.js')
    expect(files.filter(file => file.startsWith('backends/onnx/'))).toEqual([])
    // The same look at what does reach them, so that it is known to see.
    expect((await reached('backends/onnx/index.js')).others.sort()).toEqual(['onnxruntime-node', 'protobufjs'])
  })

  it('WebAssembly reaches no package and no Node module', async () => {
    const { files, others } = await reached('backends/wasm/index.js')
    expect(others).toEqual([])
    expect(files.filter(file => file.startsWith('backends/onnx/'))).toEqual([])
  })

  it('the engine loads, the backend loads, and says what to install when it is asked for', async () => {
    await writeFile(
      join(project, 'main.js'),
      `import { gradients, input, sum } from '@espalier/engine'
       import { exportOnnx, onnxBackend } from '@espalier/engine/onnx'
       import { wasmBackend } from '@espalier/engine/wasm'
       const x = input('x', 'float32', [2])
       const [g] = gradients(sum(x), [x])
       const { code, message } = await onnxBackend().catch(error => error)
       const program = await (await wasmBackend()).compile({ outputs: { y: sum(x) } })
       const { y } = await program.run({ x: { data: Float32Array.of(1, 2), shape: [2] } })
       console.log(JSON.stringify({ sum: y.data[0], bytes: exportOnnx({ outputs: { g } }).length, code, message }))`,
    )
    const { stdout, stderr } = await node(join(project, 'main.js'))
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      sum: 3,
      bytes: expect.any(Number),
      code: 'no-onnxruntime',
      message:
        'ONNX Runtime is not installed; install it with `npm install --ignore-scripts onnxruntime-node@1.30.0`, or let ' +
        'WebAssembly compute, which needs no package',
    })
  })

  it.each([
    ['of a page', { lib: ['es2023', 'dom'], module: 'esnext', moduleResolution: 'bundler' }],
    ['of ECMAScript alone', { lib: ['es2023'], module: 'nodenext' }],
  ])('a TypeScript program compiles with the types %s, libraries checked', async (_name, options) => {
    await writeFile(
      join(project, 'main.ts'),
      `import { type Backend, type Program, add, input } from '@espalier/engine'
       import { type OnnxOptions, onnxBackend } from '@espalier/engine/onnx'
       import { type WasmOptions, wasmBackend } from '@espalier/engine/wasm'
       export const wasm: WasmOptions = { kernels: 'simd' }
       export const other: Promise<Backend> = wasmBackend(wasm)
       export const options: OnnxOptions = { threads: 1, executionProviders: ['cpu'] }
       export async function main(backend: Backend): Promise<Program> {
         return (await onnxBackend(options) ?? backend).compile({ outputs: { y: add(input('x', 'float32', [2]), 1) } })
       }`,
    )
    const compilerOptions = { noEmit: true, strict: true, skipLibCheck: false, types: [], ...options }
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
    const complaints = await node(compiler, '-p', project).then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }) => `${stdout}${stderr}` || 'the compiler failed',
    )
    expect(complaints).toBe('')
  })
})
