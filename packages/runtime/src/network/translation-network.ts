/**
 * What beam search needs of a network: encode sources, step a batch of hypotheses, follow their reordering. Networks of
 * packed files and those of the engine implement it.
 */

/** A trained network, ready to translate. */
export interface TranslationNetwork {
  /** Ids below this are tokens; the special ones are 0 to 3, as in every vocabulary. */
  readonly targetVocabularySize: number
  /**
   * Encodes sentences (token ids without `</s>`, none empty; the network adds it, and reverses, as it was trained) and
   * returns the state of one hypothesis for each, before its first token.
   */
  encode(sources: readonly (readonly number[])[]): Promise<DecoderBatch>
  /** Frees the network, after its last batch. For networks whose memory is their own. */
  release?(): void | Promise<void>
}

/** One step's input. Rows are hypotheses, the same number for each sentence: row = sentence × width + slot. */
export interface StepInput {
  /** [rows]: the token each row reads; `<s>` at first. */
  readonly tokens: Int32Array
  /**
   * [rows]: the row of the previous step whose state each row continues, as it was numbered in that step, also where
   * sentences were dropped since; at the first step, its sentence. Always a row of the same sentence.
   */
  readonly parents: Int32Array
  /** Slots of each sentence. It may differ from one step to the next. */
  readonly width: number
  /** Candidates to return for each row; never more than the vocabulary holds. */
  readonly count: number
  /** Whether to return the attention weights of this step. */
  readonly attention: boolean
}

/** A step's output. Its arrays are read before the next call and not kept: a network may use them again. */
export interface StepOutput {
  /** [rows, count]: the most probable next tokens of each row, descending. ONNX Runtime returns 64-bit integers. */
  readonly ids: Int32Array | BigInt64Array
  /** [rows, count]: their log probabilities (natural), at most 0. */
  readonly logProbabilities: Float32Array
  /**
   * [rows, sourceLength]: attention over the source words in their own order, `</s>` after them; 0 beyond a sentence's
   * end. Absent if not asked for, or if the network has none.
   */
  readonly attention?: Float32Array
  /** Words and `</s>` of the longest sentence of the batch; needed with `attention`. */
  readonly sourceLength?: number
}

/** A batch of sentences in translation. Calls do not overlap. */
export interface DecoderBatch {
  /** Reorders the state by `parents`, reads `tokens`, returns the best next tokens of each row. */
  step(input: StepInput): Promise<StepOutput>
  /**
   * Keeps these sentences (by present index, ascending) and may free the others. The rows of the next step are numbered
   * by this selection; its parents still are rows of the previous step, as they were numbered then, so that the state of
   * hypotheses is moved once, by the step, and not here as well.
   */
  keep(sentences: Int32Array): void | Promise<void>
  /** Frees what the batch holds; called once, last, also after a failure. For networks whose memory is their own. */
  dispose?(): void
}
