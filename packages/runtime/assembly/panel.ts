/** Rows of activations as panels, [features][lanes], and panels as rows. */

/** Stores the transpose of four vectors: the first `present` of its rows. */
// @inline
function storeTransposed(
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  w: usize,
  x: usize,
  y: usize,
  z: usize,
  present: u32,
): void {
  const abLow = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
  const cdLow = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
  v128.store(w, v128.shuffle<i32>(abLow, cdLow, 0, 1, 4, 5))
  if (present > 1) v128.store(x, v128.shuffle<i32>(abLow, cdLow, 2, 3, 6, 7))
  if (present > 2) v128.store(y, v128.shuffle<i32>(abHigh, cdHigh, 0, 1, 4, 5))
  if (present > 3) v128.store(z, v128.shuffle<i32>(abHigh, cdHigh, 2, 3, 6, 7))
}

/**
 * Writes rows to a panel: zero in lanes without a row and beyond the features.
 * @param x `count` rows, `stride` bytes from one to the next, read up to a multiple of four features
 * @param capacity features of the panel, a multiple of four and at least `features`
 */
export function toPanel(
  x: usize,
  stride: usize,
  features: u32,
  count: u32,
  capacity: u32,
  lanes: u32,
  panel: usize,
): void {
  const step = (<usize>lanes) << 2
  const end = panel + <usize>features * step
  if (lanes == 1) memory.copy(panel, x, (<usize>features) << 2)
  else {
    const zero = f32x4.splat(0)
    for (let lane: u32 = 0; lane < lanes; lane += 4) {
      const present = count > lane ? min<u32>(4, count - lane) : 0
      let a = x + <usize>lane * stride
      for (let to = panel + ((<usize>lane) << 2); to < end; to += step << 2) {
        storeTransposed(
          present > 0 ? v128.load(a) : zero,
          present > 1 ? v128.load(a + stride) : zero,
          present > 2 ? v128.load(a + 2 * stride) : zero,
          present > 3 ? v128.load(a + 3 * stride) : zero,
          to,
          to + step,
          to + 2 * step,
          to + 3 * step,
          4,
        )
        a += 16
      }
    }
  }
  memory.fill(end, 0, <usize>(capacity - features) * step)
}

/**
 * Writes a panel of 4, 8 or 16 lanes to rows. Both are accessed up to a multiple of four features.
 * @param y `count` rows, `stride` bytes from one to the next
 */
export function fromPanel(panel: usize, lanes: u32, features: u32, count: u32, y: usize, stride: usize): void {
  const step = (<usize>lanes) << 2
  const end = panel + <usize>features * step
  for (let lane: u32 = 0; lane < count; lane += 4) {
    const present = min<u32>(4, count - lane)
    let to = y + <usize>lane * stride
    if (present == 1) {
      for (let from = panel + ((<usize>lane) << 2); from < end; from += step) {
        store<f32>(to, load<f32>(from))
        to += 4
      }
      return
    }
    for (let from = panel + ((<usize>lane) << 2); from < end; from += step << 2) {
      storeTransposed(
        v128.load(from),
        v128.load(from + step),
        v128.load(from + 2 * step),
        v128.load(from + 3 * step),
        to,
        to + stride,
        to + 2 * stride,
        to + 3 * stride,
        present,
      )
      to += 16
    }
  }
}

/** Fills a panel with equal rows. @param x f32[features], or 0: zeros */
export function fillPanel(x: usize, features: u32, lanes: u32, panel: usize): void {
  if (x == 0) memory.fill(panel, 0, (<usize>(features * lanes)) << 2)
  else if (lanes == 1) memory.copy(panel, x, (<usize>features) << 2)
  else
    for (const end = x + ((<usize>features) << 2); x < end; x += 4) {
      const value = v128.load32_splat(x)
      for (const stop = panel + ((<usize>lanes) << 2); panel < stop; panel += 16) v128.store(panel, value)
    }
}
