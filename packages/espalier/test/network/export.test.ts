import { InferenceSession } from 'onnxruntime-node'
import { expect, it } from 'vitest'
import { networkSchema } from '../../src/configuration/network.ts'
import { initialParameters } from '../../src/network/parameters.ts'
import { exportNetwork } from '../../src/network/translation-programs.ts'

it('exported files take and give arrays by the names that are documented', async () => {
  const options = { layers: 1, hidden: 4, attention: 'general', inputFeeding: true }
  const model = { ...networkSchema.parse(options), embedding: 4, sourceVocabulary: 9, targetVocabulary: 8 }
  const files = await exportNetwork(model, initialParameters(model, 1))
  const [encoder, decoder] = [
    await InferenceSession.create(files.encoder),
    await InferenceSession.create(files.decoder),
  ]
  expect(encoder.inputNames).toEqual(['source'])
  const carried = ['c0', 'h0', 'inputFeed']
  const memory = encoder.outputNames.filter(name => !carried.includes(name))
  expect([...encoder.outputNames].sort()).toEqual([...memory, 'c0', 'h0'].sort())
  expect([...decoder.inputNames].sort()).toEqual([...carried, ...memory, 'count', 'parents', 'tokens'].sort())
  expect([...decoder.outputNames].sort()).toEqual(
    ['alignment', 'ids', 'logProbabilities', ...carried.map(name => `next.${name}`)].sort(),
  )
  await encoder.release()
  await decoder.release()
})
