/**
 * The descriptor of a matrix in compressed rows; src/kernels/interface.ts writes it.
 *
 * `starts` u32[rows + 1]; `order` u32[rows]: which row each of them is, or 0 where rows are only looked up. Rows with
 * equally many blocks follow each other, because the processor predicts a loop whose length it has just seen.
 * `indices` u16: one for each block of `width` neighbouring columns. `values`: `width` for each block, f32, or codes of a
 * byte, where a weight is table[code] · scales[row].
 */
@unmanaged
export class Matrix {
  starts: usize
  order: usize
  indices: usize
  values: usize
  width: u32
  rows: u32
  columns: u32
  table: usize
  scales: usize
}
