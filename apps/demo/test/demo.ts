/** The demonstration as a visitor has it: its command, serving models that a test made. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  copyTextFiles,
  readModel,
  writeManifest,
  writeModel,
} from '../../../packages/espalier/src/checkpoint/model-directory.ts'
import { networkConfig } from '../../../packages/espalier/src/configuration/network.ts'
import { openPrepared } from '../../../packages/espalier/src/corpus/prepared.ts'
import { initialParameters } from '../../../packages/espalier/src/network/parameters.ts'
import { packModel } from '../../../packages/espalier/src/packing/pack.ts'
import { pruneModel } from '../../../packages/espalier/src/pipeline/prune-model.ts'
import { toyConfiguration, toyData } from '../../../packages/espalier/test/support.ts'

const DEMO = fileURLToPath(new URL('../scripts/demo.js', import.meta.url))

/** Packed files of random weights in `directory`/models: whole, pruned in blocks, and one with a changed byte at its end. */
export async function makeModels(directory: string): Promise<string> {
  const data = await toyData(directory, 50, { tokenizer: 'words' })
  const { vocabularies, digests } = await openPrepared(data)
  const { model: options, training } = toyConfiguration({ model: { hidden: 16, initialisation: 0.9 } })
  const { source, target } = vocabularies
  const model = networkConfig(options, { source: source.size, target: target.size })
  const [whole, pruned, models] = ['whole', 'pruned', 'models'].map(name => join(directory, name))
  await mkdir(whole)
  await copyTextFiles(data, whole)
  await writeManifest(whole, { format: 1, model, training, data: digests['train.bin'] })
  await writeModel(whole, initialParameters(model, 3))
  await pruneModel(whole, { scheme: 'class-blind', fraction: 0.5, block: '1x8', out: pruned })
  await mkdir(models)
  await writeFile(join(models, 'whole.espalier'), await packModel(await readModel(whole), { values: 'f32' }))
  await writeFile(join(models, 'pruned.espalier'), await packModel(await readModel(pruned), { values: 'int8' }))
  const damaged = await readFile(join(models, 'whole.espalier'))
  // Within the last section: behind it are less than 8 zeros.
  damaged[damaged.length - 12] ^= 1
  await writeFile(join(models, 'damaged.espalier'), damaged)
  const list = ['whole', 'pruned', 'damaged'].map(label => ({ label, file: `${label}.espalier` }))
  await writeFile(join(models, 'models.json'), JSON.stringify({ models: list }))
  return models
}

export interface Running {
  /** What it printed, and the address in it. */
  readonly output: string
  readonly address?: string
  /** Its exit status; absent while it serves. */
  readonly status?: number
  stop(): void
}

/** Runs the command until it serves or ends. */
export function runDemo(...options: string[]): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, [DEMO, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => {
    child.kill()
  }
  return new Promise((resolve, reject) => {
    let output = ''
    const hear = (text: string) => {
      output += text
      const [address] = /http:\/\/127\.0\.0\.1:\d+\//u.exec(output) ?? []
      if (address) resolve({ output, address, stop })
    }
    child.stdout!.setEncoding('utf8').on('data', hear)
    child.stderr!.setEncoding('utf8').on('data', hear)
    child.on('error', reject).on('close', status => resolve({ output, status: status ?? -1, stop }))
  })
}
