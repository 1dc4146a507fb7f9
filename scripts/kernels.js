// Compiles a package's kernels to WebAssembly, with and without relaxed SIMD, and writes them as text into a module, so that
// they load wherever the rest of the package does. Nothing is done where nothing changed.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { encodeBytes } from './encode-bytes.js'

/** Characters of a module that stand together. */
const PIECE = 6000

/**
 * @param {URL} root of a package whose kernels are in assembly/
 * @param {string} module the path in the package of the module to write
 */
export async function writeKernels(root, module) {
  const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, root))
  const out = here(module)
  const hash = createHash('sha256')
  for (const file of readdirSync(here('assembly')).sort())
    hash.update(file).update(readFileSync(here(`assembly/${file}`)))
  for (const file of ['kernels.js', 'encode-bytes.js']) hash.update(readFileSync(new URL(file, import.meta.url)))
  hash.update(asc.version)
  const digest = `// ${hash.digest('hex')}`
  if (existsSync(out) && readFileSync(out, 'utf8').includes(digest)) return
  const compile = (/** @type {string[]} */ ...options) => compiled(here('.'), options)
  const base = await compile()
  const shared = await compile('--enable', 'threads', '--sharedMemory')
  const different = [...base.keys()].filter(i => base[i] !== shared[i])
  if (base.length !== shared.length || different.length !== 1)
    throw new Error('modules for shared memory differ by more than the flag of their memory')
  const relaxed = await compile('--enable', 'relaxed-simd')
  if (relaxed[different[0]] !== base[different[0]]) throw new Error('the flag of the memory is elsewhere')
  const [plain, fused] = [encodeBytes(base), encodeBytes(relaxed)]
  const pieces = Array.from({ length: Math.ceil(Math.max(plain.length, fused.length) / PIECE) }, (_, i) =>
    [plain, fused].map(text => `  '${text.slice(i * PIECE, (i + 1) * PIECE)}',\n`).join(''),
  )
  writeFileSync(
    out,
    `/** The kernels as WebAssembly, for decodeBytes, made from assembly/ by scripts/build-kernels.js. */
${digest}
// Pieces of both modules in turns: they are much alike, and gzip finds what repeats within 32 kB only.
const PIECES = [
${pieces.join('')}]
const joined = (first: number): string => PIECES.filter((_, i) => i % 2 === first).join('')
// In an object: bundlers copy a constant that is text to every place that reads it.
export const MODULES = { simd: joined(0), 'relaxed-simd': joined(1) }
/** Where both have the flags of their memory, and the flags of a shared one. */
export const MEMORY_FLAGS = { at: ${different[0]}, shared: ${shared[different[0]]} }
`,
  )
}

/**
 * Turns the comment `// @inline` into the decorator. TypeScript has no decorators of functions, so that with them no
 * formatter or linter could parse the files.
 * @param {string} source
 */
function decorated(source) {
  return source.replace(/^\/\/ @inline$/gm, '@inline')
}

/**
 * The compiled module.
 * @param {string} root
 * @param {string[]} options of the compiler
 * @returns {Promise<Uint8Array>}
 */
async function compiled(root, options) {
  /** @type {Uint8Array | undefined} */
  let bytes
  const { error, stderr } = await asc.main(
    [
      ...['assembly/index.ts', '--outFile', 'kernels.wasm', '-O3', '--converge', '--noAssert', '--runtime', 'stub'],
      ...['--baseDir', root, '--importMemory', '--maximumMemory', '65536', '--enable', 'simd', ...options],
    ],
    {
      readFile: (name, base) =>
        existsSync(`${base}/${name}`) ? decorated(readFileSync(`${base}/${name}`, 'utf8')) : null,
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) bytes = /** @type {Uint8Array} */ (contents)
      },
      listFiles: (name, base) => (existsSync(`${base}/${name}`) ? readdirSync(`${base}/${name}`) : null),
    },
  )
  if (error || !bytes) throw new Error(`the kernels could not be compiled: ${stderr}`, { cause: error })
  // The memory is the caller's: nothing of it may be taken for constants.
  if (sections(bytes).includes(DATA_SECTION))
    throw new Error('the kernels have static data: tables of the library (Math.log, say) or text')
  return bytes
}

const DATA_SECTION = 11

/** The kinds of sections that a module has. @param {Uint8Array} bytes */
function sections(bytes) {
  const kinds = []
  for (let at = 8; at < bytes.length; ) {
    kinds.push(bytes[at++])
    let size = 0
    for (let shift = 0, more = true; more; shift += 7) {
      size |= (bytes[at] & 127) << shift
      more = bytes[at++] > 127
    }
    at += size
  }
  return kinds
}
