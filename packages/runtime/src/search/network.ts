/** What beam search needs of a network. Nothing here knows how it is computed. */
export interface TranslationNetwork {
  readonly targetVocabularySize: number
  /**
   * Encodes sentences (token ids without `</s>`; the network adds it, and reverses, as it was trained) and returns the
   * state of one hypothesis for each, before its first token.
   */
  encode(sources: readonly (readonly number[])[]): Promise<DecoderBatch>
}

/** One step's input. Rows are hypotheses, `width` for each sentence: row = sentence × width + slot. */
export interface StepInput {
  /** The token each row reads; `<s>` at first. */
  readonly tokens: Int32Array
  /** The row of the previous step whose state each row continues; at the first step, its sentence. */
  readonly parents: Int32Array
  readonly width: number
  /** How many candidates are wanted for each row. */
  readonly count: number
  readonly attention: boolean
}

export interface StepOutput {
  /** [rows, count]: the most probable next tokens of each row, descending. */
  readonly ids: Int32Array | BigInt64Array
  /** [rows, count]: their log probabilities (natural). */
  readonly logProbabilities: Float32Array
  /**
   * [rows, sourceLength]: attention over the source words in their own order, `</s>` after them; 0 beyond a sentence's
   * end. Absent if not asked for, or if the network has none.
   */
  readonly attention?: Float32Array
  readonly sourceLength?: number
}

/** A batch of sentences in translation. */
export interface DecoderBatch {
  step(input: StepInput): Promise<StepOutput>
  /**
   * Keeps these sentences (by present index, ascending) and forgets the others. The parents of the next step still are
   * rows of the previous one, as they were numbered then.
   */
  keep(sentences: Int32Array): void
}
