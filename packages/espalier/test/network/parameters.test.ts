import { parameterSpecs } from '@espalier/runtime/architectures'
import { TEXT_SECTION } from '@espalier/runtime/packed'
import { expect, it } from 'vitest'
import { titleOf } from '../../../../apps/demo/src/workers/matrices.ts'
import { networkSchema } from '../../src/configuration/network.ts'
import { initialParameters, weightClasses } from '../../src/network/parameters.ts'
import { describePacked } from '../../src/packing/describe.ts'
import { packTensor } from '../../src/packing/pack.ts'
import { prune } from '../../src/pruning/index.ts'
import { describeSurvivingWeights } from '../../src/study/analyses/surviving-weights.ts'

const model = {
  ...networkSchema.parse({ layers: 2, hidden: 6, attention: 'concat', bidirectional: true, inputFeeding: true }),
  ...{ embedding: 4, sourceVocabulary: 11, targetVocabulary: 9 },
}
const specs = parameterSpecs(model)
const prunable = specs.filter(({ role }) => role !== 'bias')
const classNames = [...new Set(prunable.map(({ weightClass }) => weightClass))]

it('pruning, redundancy, packing and pictures see the parameters as their architecture describes them', () => {
  const parameters = initialParameters(model, 1)
  expect([...parameters.keys()]).toEqual(specs.map(({ name }) => name))

  const classes = weightClasses(specs, parameters)
  expect(classes.map(({ name }) => name)).toEqual(classNames)
  const mask = prune(classes, { scheme: 'class-uniform', fraction: 0.5 })
  expect([...mask.kept.keys()].sort()).toEqual(prunable.map(({ name }) => name).sort())

  const { gates, pictures } = describeSurvivingWeights(model, mask, 0.5)
  const recurrent = specs.filter(spec => spec.gates)
  expect(gates.map(({ tensor, gate, half }) => [tensor, gate, half])).toEqual(
    recurrent.flatMap(spec => (spec.gates ?? []).map(gate => [spec.name, gate.name, spec.half])),
  )
  expect(new Set(gates.map(({ layer }) => layer))).toEqual(
    new Set(['encoder l0', 'encoder l0_reverse', 'encoder l1', 'encoder l1_reverse', 'decoder l0', 'decoder l1']),
  )
  expect(pictures.map(({ tensor }) => tensor)).toEqual(recurrent.map(({ name }) => name))

  const packed = specs.map(({ name }) =>
    packTensor(name, parameters.get(name)!, mask.kept.get(name), { values: 'f32' }),
  )
  const sections = packed
    .flatMap(tensor => tensor.sections)
    .map(({ name, bytes }) => ({ name, bytes: bytes.length, crc: 0 }))
  const header = {
    generator: 'test',
    tensors: packed.map(({ entry }) => entry),
    sections: [{ name: TEXT_SECTION, bytes: 0, crc: 0 }, ...sections],
  }
  const described = describePacked({ header, bytes: 0, parameters: specs }).classes
  expect(described.map(({ name }) => name).sort()).toEqual([...classNames, 'biases'].sort())

  const titles = prunable.map(titleOf)
  expect(new Set(titles).size).toBe(titles.length)
  expect(titles).toContain('Encoder, layer 2, backwards: from its own state')
})
