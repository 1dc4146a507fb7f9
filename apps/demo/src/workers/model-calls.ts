/** What the page asks its model worker for. */
import type { SparsePattern } from '@espalier/engine'
import type { Translation } from '@espalier/runtime'
import type { NetworkConfig } from 'espalier/network'
import type { Scheme } from 'espalier/pruning'
import type { Painted } from './painting.ts'

/** The grammar's text that models were trained on: the same numbers make the same sentences. */
export interface PhrasebookText {
  readonly pairs: number
  readonly seed: number
}

/** A packed file. */
export interface ModelFile {
  /** Tells it from others. */
  readonly file: string
  readonly bytes: Blob
}

/** A picture of a matrix that fits a place. */
export interface PictureRequest {
  /** Absent: of the live model. */
  readonly from?: ModelFile
  readonly name: string
  /** Cells that there is room for. */
  readonly width: number
  readonly height: number
  /** Red, green and blue, of 255. */
  readonly ink: readonly number[]
  readonly page: readonly number[]
}

/** What is known of a matrix without its weights. */
export interface MatrixFacts {
  readonly name: string
  readonly title: string
  readonly rows: number
  readonly columns: number
  readonly kept: number
  /** Rows and columns of the blocks in which weights stay or go. */
  readonly block: readonly number[]
}

export interface ClassShare {
  readonly name: string
  readonly weights: number
  readonly kept: number
}

/** The model as it was pruned last, or retrained since. */
export interface LiveFacts {
  readonly weights: number
  readonly kept: number
  /** Of its packed file. */
  readonly bytes: number
  readonly classes: readonly ClassShare[]
}

/** Arrays by name, as they go to another thread; of pruned ones the kept values with their pattern. */
export type Arrays = readonly (readonly [
  name: string,
  array: { readonly shape: readonly number[]; readonly data: Float32Array; readonly pattern?: SparsePattern },
])[]

/** All that training needs; nothing that is held out for BLEU is in it. */
export interface TrainingMaterial {
  readonly network: NetworkConfig
  readonly parameters: Arrays
  /** One byte a weight, 1 where it is kept. */
  readonly kept: readonly (readonly [name: string, kept: Uint8Array])[]
  /** Pairs as a `PairStore` holds them. */
  readonly train: PairNumbers
  readonly valid: PairNumbers
}

export interface PairNumbers {
  readonly length: number
  readonly numbers: Int32Array
}

export type ModelCalls = {
  /** Reads the model that is to be pruned. */
  open: { argument: { bytes: ArrayBuffer; text: PhrasebookText }; answer: LiveFacts }
  prune: { argument: { scheme: Scheme; fraction: number }; answer: LiveFacts }
  /** Takes over the weights that training has come to, of the mask that was pruned last. */
  adopt: { argument: { parameters: Arrays }; answer: LiveFacts }
  translate: {
    argument: { sentences: readonly string[]; attention: boolean }
    answer: { translations: Translation[][]; hasAttention: boolean }
  }
  /** Translates some held-out sentences; BLEU is of all since the first of them. */
  measure: { argument: { from: number; count: number }; answer: { bleu: number; sentences: number; words: number } }
  material: { argument: undefined; answer: TrainingMaterial }
  packed: { argument: undefined; answer: Uint8Array<ArrayBuffer> }
  /** The matrices of a packed file; absent: of the live model. */
  matrices: { argument: { from?: ModelFile }; answer: MatrixFacts[] }
  picture: { argument: PictureRequest; answer: Painted | undefined }
  /** The words of a text that the model of a packed file does not know, and how many it does. */
  unknown: { argument: { from: ModelFile; text: string }; answer: { words: string[]; known: number } }
}
