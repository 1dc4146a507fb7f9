/** Packed models of random weights. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ValueEncoding } from '@espalier/runtime/packed'
import { copyTextFiles, readModel, writeManifest, writeModel } from '../../src/checkpoint/model-directory.ts'
import { type NetworkOptions, networkConfig } from '../../src/configuration/network.ts'
import { openPrepared } from '../../src/corpus/prepared.ts'
import { initialParameters } from '../../src/network/parameters.ts'
import { packModel } from '../../src/packing/pack.ts'
import { pruneModel } from '../../src/pipeline/prune-model.ts'
import { writeFileAtomic } from '../../src/storage/atomic-files.ts'
import { temporaryDirectory, toyConfiguration, toyData } from '../support.ts'

/** A model of random weights, great enough that its translations differ, pruned where a block is given. */
export async function randomModel(changes: Partial<NetworkOptions>, block?: string) {
  const directory = await temporaryDirectory()
  const data = await toyData(directory, 50)
  const corpus = await openPrepared(data)
  const configuration = toyConfiguration({ model: { hidden: 12, initialisation: 0.9, ...changes } })
  const { source, target } = corpus.vocabularies
  const model = networkConfig(configuration.model, { source: source.size, target: target.size })
  const out = join(directory, 'model')
  await mkdir(out)
  await copyTextFiles(data, out)
  await writeManifest(out, { format: 1, model, training: configuration.training, data: corpus.digests['train.bin'] })
  await writeModel(out, initialParameters(model, 3))
  if (!block) return { directory, model: out }
  const pruned = join(directory, 'pruned')
  await pruneModel(out, { scheme: 'class-blind', fraction: 0.6, block, out: pruned })
  return { directory, model: pruned }
}

/** A model's packed file. */
export async function packedFile(model: string, values: ValueEncoding, directory: string): Promise<string> {
  const file = join(directory, `${values}.espalier`)
  await writeFileAtomic(file, await packModel(await readModel(model), { values }))
  return file
}
