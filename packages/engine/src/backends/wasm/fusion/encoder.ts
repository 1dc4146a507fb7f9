/** Writes WebAssembly modules: functions over an imported memory, in the binary format. */

/** Types of values. */
export const I32 = 0x7f
export const V128 = 0x7b

/** Instructions that are one byte. */
export const CODE = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  branch: 0x0c,
  branchIf: 0x0d,
  select: 0x1b,
  get: 0x20,
  set: 0x21,
  load: 0x28,
  constant: 0x41,
  less: 0x48,
  atLeast: 0x4e,
  add: 0x6a,
  sub: 0x6b,
  mul: 0x6c,
  and: 0x71,
  shiftRight: 0x76,
  simd: 0xfd,
  /** The type of a block that leaves nothing. */
  none: 0x40,
} as const

/** Vector instructions, behind {@link CODE}.simd. */
export const SIMD = {
  load: 0x00,
  load8Splat: 0x07,
  load32Splat: 0x09,
  store: 0x0b,
  constant: 0x0c,
  i32Equal: 0x37,
  i32NotEqual: 0x38,
  i32Less: 0x39,
  i32Greater: 0x3b,
  f32Equal: 0x41,
  f32NotEqual: 0x42,
  f32Less: 0x43,
  f32Greater: 0x44,
  and: 0x4e,
  /** The first, where the second has no bits. */
  andNot: 0x4f,
  or: 0x50,
  bitselect: 0x52,
  store8Lane: 0x58,
  store32Lane: 0x5a,
  load32Zero: 0x5c,
  /** Of signed numbers: all ones stay all ones. */
  narrowTo8: 0x65,
  narrowTo16: 0x85,
  extendTo16: 0x89,
  extendTo32: 0xa9,
  i32ShiftLeft: 0xab,
  i32Add: 0xae,
  abs: 0xe0,
  neg: 0xe1,
  sqrt: 0xe3,
  add: 0xe4,
  sub: 0xe5,
  mul: 0xe6,
  div: 0xe7,
  min: 0xe8,
  max: 0xe9,
  pseudoMin: 0xea,
  pseudoMax: 0xeb,
  convert: 0xfa,
  /** Of relaxed SIMD. */
  relaxedMadd: 0x105,
} as const

/** An unsigned number in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    const more = rest >= 0x80
    bytes.push((rest % 0x80) | (more ? 0x80 : 0))
    rest = Math.floor(rest / 0x80)
  } while (rest > 0)
  return bytes
}

/** A signed number of 32 bits in LEB128. */
export function signed(value: number): number[] {
  const bytes: number[] = []
  let rest = value | 0
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
    bytes.push(done ? low : low | 0x80)
    if (done) return bytes
  }
}

/** A vector instruction. */
export const vector = (code: number, ...operands: number[]): number[] => [CODE.simd, ...unsigned(code), ...operands]

/** A name, of ASCII. */
const name = (text: string): number[] => [...unsigned(text.length), ...Array.from(text, c => c.charCodeAt(0))]
const list = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()]

function section(kind: number, content: readonly number[]): number[] {
  return [kind, ...unsigned(content.length), ...content]
}

/** A function's code: how many locals of each type follow its parameters, and its instructions. */
export interface FunctionCode {
  readonly locals: readonly { readonly count: number; readonly type: number }[]
  readonly instructions: readonly number[]
}

/** Pages of the largest memory there is: a module that allows for it takes any. */
const MAXIMUM_PAGES = 65_536

function functionBody({ locals, instructions }: FunctionCode): number[] {
  const declared = locals.filter(({ count }) => count > 0).map(({ count, type }) => [...unsigned(count), type])
  const body = [...list(declared), ...instructions, CODE.end]
  return [...unsigned(body.length), ...body]
}

/**
 * A module that exports functions of one type, numbered in their order, over the memory that it imports as `env.memory`.
 * @param parameters how many i32 each function takes; it returns nothing
 * @param shared whether threads share the memory
 */
export function encodeModule(
  functions: readonly FunctionCode[],
  parameters: number,
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  const type = [0x60, ...list(Array.from({ length: parameters }, () => [I32])), 0]
  const limits = [shared ? 0x03 : 0x01, ...unsigned(0), ...unsigned(MAXIMUM_PAGES)]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list([type])),
    ...section(2, list([[...name('env'), ...name('memory'), 0x02, ...limits]])),
    ...section(3, list(functions.map(() => [0]))),
    ...section(7, list(functions.map((_, i) => [...name(`f${i}`), 0x00, ...unsigned(i)]))),
    ...section(10, list(functions.map(functionBody))),
  ])
}
