/** Copies. */

/** Copies rows of `bytes` bytes each, which lie apart as the strides say. */
export function copyRows(from: usize, fromRow: usize, to: usize, toRow: usize, bytes: usize, rows: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    memory.copy(to, from, bytes)
    from += fromRow
    to += toRow
  }
}
