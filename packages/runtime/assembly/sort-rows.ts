/** Reorders the rows of a sparse matrix, once, when it is loaded. */

/**
 * Sorts rows by their number of blocks, within each `window` of rows: see product.ts.
 * @param order u32[rows]: written, which row each became; starts, indices and values (`size` bytes a block) are reordered
 * @param columns blocks that a row can have
 * @param scratch for the blocks of a window with their indices, and 4 bytes for each of its rows and each block that a row
 *   can have, and 64 more
 */
export function sortRows(
  starts: usize,
  order: usize,
  indices: usize,
  values: usize,
  size: u32,
  rows: u32,
  window: u32,
  columns: u32,
  scratch: usize,
): void {
  const places = scratch
  const was = places + ((<usize>(columns + 2)) << 2)
  const codes = (was + ((<usize>(window + 1)) << 2) + 15) & ~15
  for (let from: u32 = 0; from < rows; from += window) {
    const count = min<u32>(window, rows - from)
    const at = starts + ((<usize>from) << 2)
    const first = load<u32>(at)
    const total = load<u32>(at + ((<usize>count) << 2)) - first
    const index = codes + <usize>total * size
    memory.copy(was, at, (<usize>(count + 1)) << 2)
    memory.copy(codes, values + <usize>first * size, <usize>total * size)
    memory.copy(index, indices + ((<usize>first) << 1), (<usize>total) << 1)
    // Counting sort: the rows shorter than each length are counted, which is where those of that length begin.
    memory.fill(places, 0, (<usize>(columns + 2)) << 2)
    for (let r: u32 = 0; r < count; r++) {
      const place = places + ((<usize>blocksOf(was, r)) << 2)
      store<u32>(place, load<u32>(place, 4) + 1, 4)
    }
    for (let n: u32 = 0; n <= columns; n++) {
      const place = places + ((<usize>n) << 2)
      store<u32>(place, load<u32>(place) + load<u32>(place, 4), 4)
    }
    for (let r: u32 = 0; r < count; r++) {
      const place = places + ((<usize>blocksOf(was, r)) << 2)
      store<u32>(order + ((<usize>(from + load<u32>(place))) << 2), r)
      store<u32>(place, load<u32>(place) + 1)
    }
    let next = first
    for (let i: u32 = 0; i < count; i++) {
      const to = order + ((<usize>(from + i)) << 2)
      const r = load<u32>(to)
      const blocks = blocksOf(was, r)
      const old = load<u32>(was + ((<usize>r) << 2)) - first
      store<u32>(to, from + r)
      store<u32>(at + ((<usize>i) << 2), next)
      memory.copy(values + <usize>next * size, codes + <usize>old * size, <usize>blocks * size)
      memory.copy(indices + ((<usize>next) << 1), index + ((<usize>old) << 1), (<usize>blocks) << 1)
      next += blocks
    }
  }
}

// @inline
function blocksOf(starts: usize, row: u32): u32 {
  return load<u32>(starts + ((<usize>row) << 2), 4) - load<u32>(starts + ((<usize>row) << 2))
}
