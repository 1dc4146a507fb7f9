/**
 * Packs the packages and tries them as a stranger would: installs the tarballs in an empty project, runs the pipeline from
 * a phrasebook to a packed model, and compiles a TypeScript program against their types. As a program it does so
 * with the versions of Node that it is given, which npm brings: `node scripts/packages.js 22 24`.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('..', import.meta.url))
const NAMES = ['@espalier/engine', '@espalier/runtime', '@espalier/phrasebook', 'espalier']
/** The command that installs what training needs beyond the packages; the error message of `train` names it, too. */
export const INSTALL_ONNX_RUNTIME = ['install', '--ignore-scripts', 'onnxruntime-node@1.30.0']

/**
 * What npm sets for the scripts that it starts, such as this repository's ignore-scripts, must not reach another project.
 * @param {string} [node] the Node executable that comes first in the path
 */
function environment(node = process.execPath) {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(lifecycle|package|config_(ignore_scripts|allow_scripts|local_prefix))|INIT_CWD|NODE_OPTIONS|VITEST)/i.test(
        name,
      ),
  )
  const { PATH = '', ...rest } = Object.fromEntries(kept)
  return { ...rest, PATH: dirname(node) + delimiter + PATH }
}

/**
 * Runs a program to its end; what it printed on both outputs is the result.
 * @param {string} program
 * @param {readonly string[]} words
 * @param {{ cwd: string, node?: string }} options
 * @returns {Promise<string>}
 */
export function run(program, words, { cwd, node }) {
  return new Promise((resolve, reject) => {
    execFile(program, words, { cwd, env: environment(node), maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const printed = stdout + stderr
      if (error) reject(new Error(`${[program, ...words].join(' ')}\n${printed}`, { cause: error }))
      else resolve(printed)
    })
  })
}

/**
 * Packs every package into `directory`; answers the tarballs' paths.
 * @param {string} directory
 */
export async function packPackages(directory) {
  await mkdir(directory, { recursive: true })
  const workspaces = NAMES.flatMap(name => ['--workspace', name])
  await run('npm', ['pack', '--silent', '--pack-destination', directory, ...workspaces], { cwd: repository })
  return (await readdir(directory)).filter(name => name.endsWith('.tgz')).map(name => join(directory, name))
}

/**
 * An empty project with the tarballs installed. Whatever npm warns of is an error.
 * @param {string} directory
 * @param {readonly string[]} tarballs
 * @param {string} [node]
 */
export async function installPackages(directory, tarballs, node) {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'package.json'), '{ "name": "project", "private": true, "type": "module" }\n')
  const printed = await run('npm', ['install', ...tarballs], { cwd: directory, node })
  if (/warn/i.test(printed)) throw new Error(`npm install warns:\n${printed}`)
}

/**
 * The pipeline with the installed command line, on a tiny phrasebook; answers the translations of the packed model.
 * @param {string} directory an installed project
 * @param {string} [node]
 */
export async function runPipeline(directory, node = process.execPath) {
  const espalier = (/** @type {string} */ command) =>
    run(node, ['node_modules/espalier/bin/espalier.js', ...command.split(' ')], { cwd: directory, node })
  await espalier('phrasebook --pairs 200 --out text')
  const files = 'text/train.en --target text/train.de --valid-source text/valid.en --valid-target text/valid.de'
  await espalier(`prepare --source ${files} --min-count 2 --out data`)
  const train = 'train data --preset tiny --set model.hidden=16 --set training.epochs=1 --threads 1 --out'
  // Without ONNX Runtime training runs in WebAssembly, and is refused where ONNX Runtime is asked for.
  await espalier(`${train} unaided`)
  const refusal = await espalier(`${train} refused --backend onnx`).catch((/** @type {Error} */ error) => error.message)
  if (!refusal.includes(`npm ${INSTALL_ONNX_RUNTIME.join(' ')}`))
    throw new Error(`Training without onnxruntime-node does not say how to install it:\n${refusal}`)
  if ((await readdir(directory)).includes('refused')) throw new Error('Training that was refused left a directory')
  const printed = await run('npm', INSTALL_ONNX_RUNTIME, { cwd: directory, node })
  if (/warn/i.test(printed)) throw new Error(`npm ${INSTALL_ONNX_RUNTIME.join(' ')} warns:\n${printed}`)
  await espalier(`${train} model`)
  await espalier('prune model --scheme class-blind --fraction 0.8 --out pruned')
  await espalier('retrain pruned data --threads 1 --out retrained')
  await espalier('pack retrained --values int8 --out retrained.espalier')
  await espalier('translate retrained.espalier text/test.en --output test.de')
  return readFile(join(directory, 'test.de'), 'utf8')
}

/**
 * Compiles a TypeScript program that uses all packages, as strictly as the compiler can.
 * @param {string} directory an installed project
 * @param {string} program its text
 */
export async function compile(directory, program) {
  await writeFile(join(directory, 'program.ts'), program)
  const options = {
    target: 'es2023',
    lib: ['es2023'],
    module: 'nodenext',
    types: ['node'],
    typeRoots: [join(repository, 'node_modules/@types')],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  }
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['program.ts'] }))
  await run(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', '.'], { cwd: directory })
}

/** @param {string} version a version of Node, which npm's package of that name brings */
async function nodeOf(version) {
  const words = ['--yes', '--package', `node@${version}`, '--call', 'node -p process.execPath']
  const node = (await run('npx', words, { cwd: tmpdir() })).trim()
  const found = (await run(node, ['--version'], { cwd: tmpdir() })).trim()
  if (!found.startsWith(`v${version}`)) throw new Error(`npm's package node@${version} brought Node ${found}`)
  return node
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = await mkdtemp(join(tmpdir(), 'espalier-packages-'))
  try {
    const tarballs = await packPackages(join(directory, 'tarballs'))
    for (const version of process.argv.slice(2)) {
      const node = await nodeOf(version)
      const project = join(directory, `node-${version}`)
      await installPackages(project, tarballs, node)
      const lines = (await runPipeline(project, node)).split('\n').length - 1
      console.log(`Node ${version}: installed; the pipeline translated ${lines} lines`)
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
