import { describe, expect, it } from 'vitest'
import { toUnsignedOrder } from '../../src/pruning/scores.ts'
import { type Candidates, selectLowest, selectLowestGroups } from '../../src/pruning/select.ts'

const write: Candidates['score'] = ({ data }, start, out) => out.set(data.subarray(start, start + out.length))
const candidates = (scores: number[], unpruned?: number[]): Candidates => ({
  tensor: { name: 'w', shape: [scores.length], data: Float32Array.from(scores) },
  score: write,
  unpruned: unpruned && Uint8Array.from(unpruned),
})
const select = (list: Candidates[], count: number) => selectLowest(list, count).map(kept => [...kept])

describe('single weights', () => {
  it('the lowest of all tensors are chosen, of equal ones the earlier', () => {
    expect(select([candidates([3, 1, 2]), candidates([2, 0])], 3)).toEqual([
      [1, 0, 0],
      [1, 0],
    ])
  })
  it('those that are pruned already come first, whatever their scores', () => {
    expect(select([candidates([9, 1, 2], [0, 1, 1]), candidates([0, 5])], 2)).toEqual([
      [0, 1, 1],
      [0, 1],
    ])
  })
  it('none and all', () => {
    expect(select([candidates([1, 2]), candidates([])], 0)).toEqual([[1, 1], []])
    expect(select([candidates([1, 2]), candidates([])], 2)).toEqual([[0, 0], []])
  })
  it('infinite scores are reported, and kept longest', () => {
    let reported = 0
    expect(
      selectLowest([candidates([Number.POSITIVE_INFINITY, 1])], 1, () => reported++).map(kept => [...kept]),
    ).toEqual([[1, 0]])
    expect(reported).toBe(1)
    selectLowest([candidates([3.4e38, 1])], 1, () => reported++)
    expect(reported).toBe(1)
  })
})

describe('groups', () => {
  const groups = (scores: number[], sizes: number[]) => ({
    scores: Float32Array.from(scores),
    sizes: Uint32Array.from(sizes),
  })
  const chosen = (list: ReturnType<typeof groups>[], target: number) =>
    selectLowestGroups(list, target).map(kept => [...kept])
  it('are chosen until the weights are as near to the target as they get; of two as near, the more', () => {
    const list = [groups([1, 3, 2], [4, 4, 4])]
    expect(chosen(list, 5)).toEqual([[0, 1, 1]])
    expect(chosen(list, 6)).toEqual([[0, 1, 0]])
    expect(chosen(list, 1.9)).toEqual([[1, 1, 1]])
    expect(chosen(list, 2)).toEqual([[0, 1, 1]])
    expect(chosen(list, 12)).toEqual([[0, 0, 0]])
  })
  it('of equal scores go in order, and stop at the first that does not fit', () => {
    expect(chosen([groups([1, 1, 1], [2, 8, 1])], 3)).toEqual([[0, 1, 1]])
    expect(chosen([groups([1, 1, 1], [2, 2, 1])], 3)).toEqual([[0, 0, 1]])
  })
  it('that are pruned already stay so, and count nothing', () => {
    expect(chosen([groups([9, 1, 2], [0, 4, 4])], 0)).toEqual([[0, 1, 1]])
    expect(chosen([groups([9, 1, 2], [0, 4, 4])], 4)).toEqual([[0, 0, 1]])
  })
})

describe('scores of either sign', () => {
  it('become numbers that are not negative, in the same order', () => {
    const scores = Float32Array.of(-3.4e38, -1, -1e-40, 0, 1e-40, 1, 3.4e38)
    toUnsignedOrder(scores)
    expect(scores.every(score => score >= 0)).toBe(true)
    expect([...scores]).toEqual([...scores].sort((a, b) => a - b))
  })
})
