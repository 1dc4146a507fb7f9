/**
 * Products of a sparse matrix W [rows, columns] in compressed rows of blocks, `height` × `width` each. Arrays of
 * activations are laid out with their rows as lanes: xt [columns][lanes], yt [rows][lanes], where lanes are a multiple of
 * four, filled up with zeros.
 *
 * `starts` has the first block of each row of blocks and the end, `places` the first column of each block (u32), `values`
 * the blocks' numbers, row by row. A range of rows of blocks, [begin, end), may be computed by itself.
 */
import { madd, sum4, transposed4 } from './simd'

/**
 * to[columns][lanes] = from[count][columns] transposed; lanes from `count` on are 0.
 * @param row bytes from one row of `from` to the next
 */
export function transpose(from: usize, row: usize, count: u32, columns: u32, to: usize, lanes: u32): void {
  const lane = (<usize>lanes) << 2
  let n: u32 = 0
  for (; n + 4 <= count; n += 4) {
    let at = from + <usize>n * row
    let out = to + ((<usize>n) << 2)
    let c: u32 = 0
    for (; c + 4 <= columns; c += 4) {
      transposed4(v128.load(at), v128.load(at + row), v128.load(at + 2 * row), v128.load(at + 3 * row), out, lane)
      at += 16
      out += lane << 2
    }
    for (; c < columns; c++) {
      for (let i: usize = 0; i < 4; i++) store<f32>(out + (i << 2), load<f32>(at + i * row))
      at += 4
      out += lane
    }
  }
  for (; n < lanes; n++)
    for (let c: u32 = 0; c < columns; c++)
      store<f32>(
        to + <usize>c * lane + ((<usize>n) << 2),
        n < count ? load<f32>(from + <usize>n * row + ((<usize>c) << 2)) : 0,
      )
}

/** yt[row] = Σ W[row, column] · xt[column] for the rows of blocks in [begin, end). */
export function sparseForward(
  starts: usize,
  places: usize,
  values: usize,
  height: u32,
  width: u32,
  xt: usize,
  yt: usize,
  lanes: u32,
  begin: u32,
  end: u32,
): void {
  const lane = (<usize>lanes) << 2
  const size = (<usize>(height * width)) << 2
  for (let r = begin; r < end; r++) {
    const first = load<u32>(starts + ((<usize>r) << 2))
    const last = load<u32>(starts + ((<usize>r) << 2), 4)
    for (let h: u32 = 0; h < height; h++) {
      const y = yt + <usize>(r * height + h) * lane
      const row = values + ((<usize>(h * width)) << 2)
      let n: usize = 0
      for (; n + 64 <= lane; n += 64) {
        let a = f32x4.splat(0),
          b = f32x4.splat(0),
          c = f32x4.splat(0),
          d = f32x4.splat(0)
        for (let k = first; k < last; k++) {
          let x = xt + n + <usize>load<u32>(places + ((<usize>k) << 2)) * lane
          let w = row + <usize>k * size
          for (let i: u32 = 0; i < width; i++) {
            const weight = v128.load32_splat(w)
            a = madd(weight, v128.load(x), a)
            b = madd(weight, v128.load(x, 16), b)
            c = madd(weight, v128.load(x, 32), c)
            d = madd(weight, v128.load(x, 48), d)
            x += lane
            w += 4
          }
        }
        v128.store(y + n, a)
        v128.store(y + n, b, 16)
        v128.store(y + n, c, 32)
        v128.store(y + n, d, 48)
      }
      for (; n < lane; n += 16) {
        let a = f32x4.splat(0)
        for (let k = first; k < last; k++) {
          let x = xt + n + <usize>load<u32>(places + ((<usize>k) << 2)) * lane
          let w = row + <usize>k * size
          for (let i: u32 = 0; i < width; i++) {
            a = madd(v128.load32_splat(w), v128.load(x), a)
            x += lane
            w += 4
          }
        }
        v128.store(y + n, a)
      }
    }
  }
}

/** xt[column] += Σ W[row, column] · yt[row] for the rows of blocks in [begin, end). */
export function sparseTransposed(
  starts: usize,
  places: usize,
  values: usize,
  height: u32,
  width: u32,
  yt: usize,
  xt: usize,
  lanes: u32,
  begin: u32,
  end: u32,
): void {
  const lane = (<usize>lanes) << 2
  for (let r = begin; r < end; r++) {
    const first = load<u32>(starts + ((<usize>r) << 2))
    const last = load<u32>(starts + ((<usize>r) << 2), 4)
    let w = values + ((<usize>first * <usize>(height * width)) << 2)
    for (let k = first; k < last; k++)
      for (let h: u32 = 0; h < height; h++) {
        const y = yt + <usize>(r * height + h) * lane
        let x = xt + <usize>load<u32>(places + ((<usize>k) << 2)) * lane
        for (let i: u32 = 0; i < width; i++) {
          const weight = v128.load32_splat(w)
          for (let n: usize = 0; n < lane; n += 16) v128.store(x + n, madd(weight, v128.load(y + n), v128.load(x + n)))
          x += lane
          w += 4
        }
      }
  }
}

/** dw = Σ over lanes of yt[row] · xt[column] at the kept places, for the rows of blocks in [begin, end). */
export function sparseSampled(
  starts: usize,
  places: usize,
  dw: usize,
  height: u32,
  width: u32,
  yt: usize,
  xt: usize,
  lanes: u32,
  begin: u32,
  end: u32,
): void {
  const lane = (<usize>lanes) << 2
  for (let r = begin; r < end; r++) {
    const first = load<u32>(starts + ((<usize>r) << 2))
    const last = load<u32>(starts + ((<usize>r) << 2), 4)
    let w = dw + ((<usize>first * <usize>(height * width)) << 2)
    for (let k = first; k < last; k++)
      for (let h: u32 = 0; h < height; h++) {
        const y = yt + <usize>(r * height + h) * lane
        let x = xt + <usize>load<u32>(places + ((<usize>k) << 2)) * lane
        for (let i: u32 = 0; i < width; i++) {
          let a = f32x4.splat(0),
            b = f32x4.splat(0)
          let n: usize = 0
          for (; n + 32 <= lane; n += 32) {
            a = madd(v128.load(y + n), v128.load(x + n), a)
            b = madd(v128.load(y + n, 16), v128.load(x + n, 16), b)
          }
          if (n < lane) a = madd(v128.load(y + n), v128.load(x + n), a)
          store<f32>(w, sum4(f32x4.add(a, b)))
          x += lane
          w += 4
        }
      }
  }
}
