/** What the bytes of a packed file are for, and how near they are to the least that its weights could take. */
import type { ParameterSpec } from '@espalier/runtime/architectures'
import { matrixShape, type PackedHeader, sectionNames, TEXT_SECTION, VALUE_BYTES } from '@espalier/runtime/packed'

/** A weight class in a packed file, or everything else (`biases`). */
export interface PackedClass {
  readonly name: string
  readonly weights: number
  readonly kept: number
  /** Bytes of positions; of values with their scales and codebooks. */
  readonly positions: number
  readonly values: number
  /**
   * Bytes at least for a coder that knows the class's density alone: N · H(kept / N) bits for the positions (H: binary
   * entropy, N: blocks), and values of the encoding's size.
   */
  readonly bound: number
}

export interface PackedDescription {
  readonly classes: readonly PackedClass[]
  /** Bytes of vocabularies, tokenisers and configuration, compressed. */
  readonly text: number
  readonly bytes: number
}

/** Bits of a yes-or-no whose probability is p. */
const entropy = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p))

/**
 * @param parameters of the network that the file holds
 * @param bits a value takes, by encoding, where that is not its size: 4 for a codebook of 16 entries
 */
export function describePacked(
  { header, bytes, parameters }: { header: PackedHeader; bytes: number; parameters: readonly ParameterSpec[] },
  bits: Readonly<Record<string, number>> = {},
): PackedDescription {
  const classOf = new Map(parameters.map(({ name, weightClass }) => [name, weightClass]))
  const size = new Map(header.sections.map(section => [section.name, section.bytes]))
  const found = new Map<string, PackedClass & { blocks: number; keptBlocks: number; valueBits: number }>()
  for (const tensor of header.tensors) {
    const name = classOf.get(tensor.name) ?? 'biases'
    const [rows, columns] = matrixShape(tensor.shape)
    const [height, width] = tensor.block ?? [1, 1]
    const old = found.get(name)
    const blocks = Math.ceil(rows / height) * Math.ceil(columns / width)
    // Blocks at an edge may be smaller, and the header counts weights: this is the nearest number of whole ones.
    const keptBlocks = Math.min(blocks, Math.round(tensor.kept / (height * width)))
    const sections = sectionNames(tensor).map(section => [section, size.get(section) ?? 0] as const)
    const positions = sections.reduce((n, [section, b]) => n + (section.endsWith('/positions') ? b : 0), 0)
    const all = sections.reduce((n, [, b]) => n + b, 0)
    const valueBits = tensor.kept * (bits[tensor.encoding] ?? 8 * VALUE_BYTES[tensor.encoding])
    found.set(name, {
      name,
      weights: (old?.weights ?? 0) + rows * columns,
      kept: (old?.kept ?? 0) + tensor.kept,
      positions: (old?.positions ?? 0) + positions,
      values: (old?.values ?? 0) + all - positions,
      blocks: (old?.blocks ?? 0) + blocks,
      keptBlocks: (old?.keptBlocks ?? 0) + keptBlocks,
      valueBits: (old?.valueBits ?? 0) + valueBits,
      bound: 0,
    })
  }
  const classes = [...found.values()].map(({ blocks, keptBlocks, valueBits, ...rest }) => ({
    ...rest,
    bound: (blocks * entropy(keptBlocks / blocks) + valueBits) / 8,
  }))
  return { classes, text: size.get(TEXT_SECTION) ?? 0, bytes }
}
