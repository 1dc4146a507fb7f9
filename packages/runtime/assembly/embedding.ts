/** Rows of a sparse matrix as columns of a panel: what an embedding is. The lane has to be 0 before. */

export function embedFloat(
  starts: usize,
  indices: usize,
  values: usize,
  width: u32,
  row: u32,
  lane: usize,
  lanes: u32,
): void {
  const step = (<usize>lanes) << 2
  let k = load<u32>(starts + ((<usize>row) << 2))
  const end = load<u32>(starts + ((<usize>row) << 2), 4)
  let at = values + ((<usize>(k * width)) << 2)
  for (; k < end; k++) {
    let to = lane + <usize>(<u32>load<u16>(indices + ((<usize>k) << 1)) * width) * step
    for (let i: u32 = 0; i < width; i++) {
      store<f32>(to, load<f32>(at))
      at += 4
      to += step
    }
  }
}

export function embedCoded(
  starts: usize,
  indices: usize,
  codes: usize,
  width: u32,
  row: u32,
  table: usize,
  scales: usize,
  lane: usize,
  lanes: u32,
): void {
  const step = (<usize>lanes) << 2
  const scale = load<f32>(scales + ((<usize>row) << 2))
  let k = load<u32>(starts + ((<usize>row) << 2))
  const end = load<u32>(starts + ((<usize>row) << 2), 4)
  let at = codes + <usize>(k * width)
  for (; k < end; k++) {
    let to = lane + <usize>(<u32>load<u16>(indices + ((<usize>k) << 1)) * width) * step
    for (let i: u32 = 0; i < width; i++) {
      store<f32>(to, scale * load<f32>(table + ((<usize>load<u8>(at)) << 2)))
      at += 1
      to += step
    }
  }
}
