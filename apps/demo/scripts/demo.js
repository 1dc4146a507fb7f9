// The demonstration: makes its models if there are none, builds the page and serves both on this machine.
//
//   npm run demo [-- --port 8080] [--models DIR] [--dist DIR] [--no-build] [--build-only]
//
// DIR of --models has packed files (*.espalier), as 'espalier pack' writes them. What is built is a folder that any web
// server can serve, without a connection to anywhere: apps/demo/dist, or DIR of --dist.
import { existsSync } from 'node:fs'
import { cp, readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeFolder, LIST } from './describe.js'
import { DemoError } from './error.js'
import { makeModels } from './models.js'
import { serve } from './server.js'

const app = fileURLToPath(new URL('..', import.meta.url))
const runtime = fileURLToPath(new URL('../../../packages/runtime/dist', import.meta.url))
/** Says that a folder was built here, so that it may be emptied. */
const MARKER = '.espalier-demo'
const USAGE = 'usage: npm run demo -- [--port N] [--models DIR] [--dist DIR] [--no-build] [--build-only]'

/** @param {string} line */
const say = line => console.log(line)

try {
  await main()
} catch (error) {
  if (!(error instanceof DemoError)) throw error
  console.error(`demo: ${error.message}`)
  process.exitCode = 1
}

async function main() {
  const { port, models: given, dist, noBuild, buildOnly } = readOptions()
  if (!existsSync(runtime)) throw new DemoError('nothing is built yet: npm ci, or npm run build')
  const models = given ?? join(app, 'models')
  if (given === undefined) await makeModels({ models, training: join(app, 'training') }, say)
  const list = await describeFolder(models)
  if (noBuild && !existsSync(join(dist, 'index.html')))
    throw new DemoError(`${dist}: there is no page; leave --no-build out`)
  if (!noBuild) {
    const began = performance.now()
    await build(dist, models, list)
    say(`page and models are in ${dist}, ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }
  if (buildOnly) return
  const address = await serve({ dist, models, list: () => describeFolder(models), port })
  say(`${address}  (Ctrl-C ends it)`)
}

function readOptions() {
  /** @type {{ port?: string, models?: string, dist?: string, 'no-build'?: boolean, 'build-only'?: boolean }} */
  let values
  try {
    values = parseArgs({
      options: {
        port: { type: 'string' },
        models: { type: 'string' },
        dist: { type: 'string' },
        'no-build': { type: 'boolean' },
        'build-only': { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new DemoError(`${/** @type {Error} */ (error).message}\n${USAGE}`)
  }
  const port = Number(values.port ?? 8080)
  if (!(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new DemoError(`--port ${values.port}: a whole number up to 65535 is wanted\n${USAGE}`)
  return {
    port,
    models: values.models === undefined ? undefined : resolve(values.models),
    dist: resolve(values.dist ?? join(app, 'dist')),
    noBuild: values['no-build'] ?? false,
    buildOnly: values['build-only'] ?? false,
  }
}

/**
 * The page, the runtime beside it for minimal.html, and the models.
 * @param {string} dist @param {string} models @param {Awaited<ReturnType<typeof describeFolder>>} list
 */
async function build(dist, models, list) {
  const there = await readdir(dist).catch(() => /** @type {string[]} */ ([]))
  if (there.length > 0 && !there.includes(MARKER))
    throw new DemoError(`${dist}: this folder is not empty, and what is in it was not built here`)
  const vite = await import('vite')
  await vite.build({
    configFile: join(app, 'vite.config.js'),
    logLevel: 'warn',
    build: { outDir: dist, emptyOutDir: true },
  })
  await cp(runtime, join(dist, 'runtime'), {
    recursive: true,
    filter: path => !path.endsWith('.map') && !path.endsWith('.d.ts'),
  })
  for (const { file } of list.models)
    if (existsSync(join(models, file))) await cp(join(models, file), join(dist, 'models', file))
  await writeFile(join(dist, 'models', LIST), JSON.stringify(list))
  await writeFile(join(dist, MARKER), '')
}
