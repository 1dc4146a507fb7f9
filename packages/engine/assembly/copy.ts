/** Copies. */

/** Copies rows [begin, end) of `bytes` bytes each, which lie apart as the strides say. */
export function copyRows(
  from: usize,
  fromRow: usize,
  to: usize,
  toRow: usize,
  bytes: usize,
  begin: u32,
  end: u32,
): void {
  from += <usize>begin * fromRow
  to += <usize>begin * toRow
  for (let r = begin; r < end; r++) {
    memory.copy(to, from, bytes)
    from += fromRow
    to += toRow
  }
}
