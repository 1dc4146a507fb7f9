/** A memory as arrays of each kind of number. They are valid until the memory grows, so each call makes its own. */
import type { MatrixDescriptor } from '../interface.ts'
import type { KernelMemory } from '../memory.ts'

export const f32View = ({ buffer }: KernelMemory) => new Float32Array(buffer)
export const u32View = ({ buffer }: KernelMemory) => new Uint32Array(buffer)
export const u16View = ({ buffer }: KernelMemory) => new Uint16Array(buffer)
export const i16View = ({ buffer }: KernelMemory) => new Int16Array(buffer)
export const u8View = ({ buffer }: KernelMemory) => new Uint8Array(buffer)
export const i8View = ({ buffer }: KernelMemory) => new Int8Array(buffer)

/** Reads what `writeDescriptor` wrote. */
export function readDescriptor(memory: KernelMemory, pointer: number): MatrixDescriptor {
  const [starts, order, indices, values, width, rows, columns, table, scales] = u32View(memory).subarray(pointer >> 2)
  return { starts, order, indices, values, width, rows, columns, table, scales }
}
