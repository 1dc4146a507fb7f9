/**
 * Writes a row of a sparse matrix with its zeros, which is the embedding of a word. `out` has to be 0 before. Columns of a
 * last block that are beyond the matrix are skipped.
 */
import { Matrix } from './matrix'

export function embedFloat(m: Matrix, row: u32, out: usize): void {
  const width = m.width
  let k = load<u32>(m.starts + ((<usize>row) << 2))
  const end = load<u32>(m.starts + ((<usize>row) << 2), 4)
  for (; k < end; k++) {
    const column = <u32>load<u16>(m.indices + ((<usize>k) << 1)) * width
    const count = min<u32>(width, m.columns - column)
    const at = m.values + ((<usize>(k * width)) << 2)
    const to = out + ((<usize>column) << 2)
    for (let i: usize = 0; i < (<usize>count) << 2; i += 4) store<f32>(to + i, load<f32>(at + i))
  }
}

export function embedCoded(m: Matrix, row: u32, out: usize): void {
  const width = m.width
  const table = m.table
  const scale = load<f32>(m.scales + ((<usize>row) << 2))
  let k = load<u32>(m.starts + ((<usize>row) << 2))
  const end = load<u32>(m.starts + ((<usize>row) << 2), 4)
  for (; k < end; k++) {
    const column = <u32>load<u16>(m.indices + ((<usize>k) << 1)) * width
    const count = min<u32>(width, m.columns - column)
    const at = m.values + <usize>(k * width)
    const to = out + ((<usize>column) << 2)
    for (let i: u32 = 0; i < count; i++)
      store<f32>(to + ((<usize>i) << 2), scale * load<f32>(table + ((<usize>load<u8>(at + i)) << 2)))
  }
}
