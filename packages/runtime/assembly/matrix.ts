/**
 * A matrix in compressed rows, as its description lies in memory (src/kernels/kernels.ts writes it).
 *
 * `starts` u32[rows + 1]; `order` u32[rows], which row each of them is, for rows of equally many blocks follow each other
 * (a loop whose length the processor has just seen is one that it predicts), or 0 where rows are only looked up;
 * `indices` u16, one a block of `width` neighbouring columns; its `values`, `width` a block: f32, or a byte each, a weight
 * being table[code] · scales[row].
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
