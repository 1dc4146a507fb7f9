// What a page downloads of the runtime, without a model: its JavaScript, in which the WebAssembly code is, minified and
// compressed. A page that translates in a worker gets the first two, one that translates on its own thread the third.
//
//   npm run build && node bench/runtime-size.js
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

const dist = fileURLToPath(new URL('../packages/runtime/dist/', import.meta.url))
const entries = {
  'startTranslator, on the page': `export { startTranslator } from '${dist}index.js'`,
  'its worker': `import '${dist}workers/worker.js'`,
  'Translator.load, on the page': `export { Translator } from '${dist}index.js'`,
}
/** @type {Record<string, { bytes: number, gzip: number }>} */
const sizes = {}
for (const [name, code] of Object.entries(entries)) {
  const bundle = await rolldown({
    input: 'entry',
    platform: 'browser',
    plugins: [
      {
        name: 'entry',
        resolveId: id => (id === 'entry' ? id : undefined),
        load: id => (id === 'entry' ? { code, moduleSideEffects: true } : undefined),
      },
    ],
    treeshake: { moduleSideEffects: id => id.endsWith('worker.js') },
  })
  const { output } = await bundle.generate({ format: 'es', minify: true })
  const text = output.map(file => (file.type === 'chunk' ? file.code : file.source)).join('')
  sizes[name] = { bytes: text.length, gzip: gzipSync(text, { level: 9 }).length }
}
console.table(sizes)
console.log(JSON.stringify(sizes))
