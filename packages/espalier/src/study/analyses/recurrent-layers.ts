/** The recurrent layers of a network as weight classes, and each divided into its gates by what they multiply. */
import { type ParameterSpec, parameterSpecs } from '@espalier/runtime/architectures'
import { type NetworkConfig, type NetworkOptions, networkConfig } from '../../configuration/network.ts'
import { type PartClass, rowsOf, type WeightClass } from '../../pruning/index.ts'

export interface RecurrentLayer {
  readonly stack: 'encoder' | 'decoder'
  /** From 1, the one that reads the embeddings. */
  readonly depth: number
  readonly weightClass: WeightClass
  /** One for each gate and half: disjoint, and together the layer. Both directions of a bidirectional layer are in each. */
  readonly parts: readonly LayerPart[]
}

export interface LayerPart {
  readonly gate: string
  readonly half: string
  readonly weightClass: PartClass
}

/** The layers of both stacks, the lowest first. @param classes the network's weight classes */
export function recurrentLayers(model: NetworkConfig, classes: readonly WeightClass[]): RecurrentLayer[] {
  const specs = recurrentMatrices(model)
  return classes.flatMap(weightClass => {
    const own = specs.filter(spec => spec.weightClass === weightClass.name)
    if (own.length === 0) return []
    const [{ side, layer = 0 }] = own
    return [
      {
        stack: side === 'source' ? ('encoder' as const) : ('decoder' as const),
        depth: layer + 1,
        weightClass,
        parts: layerParts(weightClass, own),
      },
    ]
  })
}

/** The names of the layers' weight classes, which no vocabulary changes. */
export function recurrentLayerNames(options: NetworkOptions): string[] {
  const specs = recurrentMatrices(networkConfig(options, { source: 1, target: 1 }))
  return [...new Set(specs.flatMap(({ weightClass }) => weightClass ?? []))]
}

const recurrentMatrices = (model: NetworkConfig) =>
  parameterSpecs(model).filter(({ gates, layer, weightClass }) => gates && layer !== undefined && weightClass)

function layerParts({ name, tensors }: WeightClass, specs: readonly ParameterSpec[]): LayerPart[] {
  const parts = new Map<string, LayerPart>()
  for (const { name: tensorName, half = 'input', gates = [] } of specs) {
    const tensor = tensors.find(t => t.name === tensorName)
    if (!tensor) throw new RangeError(`${name} has no tensor ${tensorName}`)
    for (const { name: gate, begin, end } of gates) {
      const key = `${name}/${half}/${gate}`
      const others = parts.get(key)?.weightClass.tensors ?? []
      parts.set(key, { gate, half, weightClass: { name: key, tensors: [...others, rowsOf(tensor, begin, end)] } })
    }
  }
  return [...parts.values()]
}
