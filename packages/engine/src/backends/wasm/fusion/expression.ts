/** What a fused function computes at each place, apart from all sizes. */

/** Types that vectors of four hold: bool is all ones or all zeros in them, and a byte in memory. */
export type LaneType = 'float32' | 'int32' | 'bool'

export type Instruction =
  /** An operand from memory; `splat`: one number for a whole row. */
  | { readonly kind: 'load'; readonly type: LaneType; readonly splat: boolean }
  | { readonly kind: 'constant'; readonly value: number; readonly type: LaneType }
  /** `type`: of the operands. */
  | { readonly kind: 'apply'; readonly operator: string; readonly type: LaneType; readonly operands: readonly number[] }

/** Instructions in order, which refer to each other by index; the first are the loads, one for each operand. */
export interface Expression {
  readonly instructions: readonly Instruction[]
  /** What is stored: an instruction's result for each destination. */
  readonly stores: readonly { readonly value: number; readonly type: LaneType }[]
}
