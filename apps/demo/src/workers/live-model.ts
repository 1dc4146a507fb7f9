/** The model that a visitor prunes and retrains: its dense weights, what is left of them, and the packed file of that. */
import { Translator } from '@espalier/runtime'
import { type ParameterSpec, parameterSpecs } from '@espalier/runtime/architectures'
import {
  checkTensors,
  PackedReader,
  parseNetwork,
  parseSides,
  readTexts,
  TEXT_SECTION,
  unpackTensor,
} from '@espalier/runtime/packed'
import { bleu } from 'espalier/evaluation'
import { type NetworkConfig, type Parameters, weightClasses } from 'espalier/network'
import { packModel } from 'espalier/packing'
import { classReports, Mask, prune, type Scheme, toWholeArray } from 'espalier/pruning'
import { heldOut, trainingPairs } from './held-out.ts'
import { type Matrix, matricesOf } from './matrices.ts'
import type { Arrays, LiveFacts, PhrasebookText, TrainingMaterial } from './model-calls.ts'

type Sides = ReturnType<typeof parseSides>

interface DenseModel {
  readonly texts: ReadonlyMap<string, string>
  readonly network: NetworkConfig
  readonly sides: Sides
  readonly specs: readonly ParameterSpec[]
  readonly parameters: Parameters
}

export class LiveModel {
  readonly #dense: DenseModel
  readonly #text: PhrasebookText
  readonly #metric = bleu()
  #parameters: Parameters
  #mask: Mask | undefined
  #packed = new Uint8Array()
  #translator: Translator | undefined
  /** Summed statistics of the sentences that were measured since the model last changed. */
  #measured: number[] = []
  #test: ReturnType<typeof heldOut> | undefined
  #pairs: ReturnType<typeof trainingPairs> | undefined
  #matrices: readonly Matrix[] | undefined

  private constructor(dense: DenseModel, text: PhrasebookText) {
    this.#dense = dense
    this.#text = text
    this.#parameters = dense.parameters
  }

  /** @throws PackedFileError */
  static async open(bytes: ArrayBuffer, text: PhrasebookText): Promise<LiveModel> {
    const model = new LiveModel(await readDense(bytes), text)
    model.#packed = new Uint8Array(bytes)
    await model.#load()
    return model
  }

  get matrices(): readonly Matrix[] {
    this.#matrices ??= matricesOf(this.#dense.specs, this.#mask?.kept ?? new Map())
    return this.#matrices
  }
  get packed(): Uint8Array<ArrayBuffer> {
    return this.#packed
  }
  get translator(): Translator {
    if (!this.#translator) throw new Error('no model is loaded')
    return this.#translator
  }

  /** Prunes the dense weights anew. */
  async prune(scheme: Scheme, fraction: number): Promise<void> {
    const { specs, parameters } = this.#dense
    this.#mask = fraction === 0 ? undefined : prune(weightClasses(specs, parameters), { scheme, fraction })
    this.#matrices = undefined
    this.#parameters = this.#mask ? this.#mask.apply(parameters) : parameters
    await this.#pack()
  }

  /** Takes over weights that training has come to. */
  async adopt(parameters: Arrays): Promise<void> {
    this.#parameters = new Map(parameters.map(([name, array]) => [name, toWholeArray(array)]))
    await this.#pack()
  }

  facts(): LiveFacts {
    const classes = classReports(
      weightClasses(this.#dense.specs, this.#parameters),
      this.#mask ?? new Mask(new Map()),
    ).map(({ name, weights, pruned }) => ({ name, weights, kept: weights - pruned }))
    const sum = (of: (one: (typeof classes)[0]) => number) => classes.reduce((n, one) => n + of(one), 0)
    return { classes, bytes: this.#packed.length, weights: sum(c => c.weights), kept: sum(c => c.kept) }
  }

  /** Translates held-out sentences [from, from + count); those from 0 on begin a new measurement. */
  async measure(from: number, count: number): Promise<{ bleu: number; sentences: number; words: number }> {
    this.#test ??= heldOut(this.#text)
    if (from === 0) this.#measured = []
    const pairs = this.#test.slice(from, from + count)
    const found = await this.translator.translate(
      pairs.map(({ source }) => source),
      { beam: 1 },
    )
    const words = found.reduce((n, [best]) => n + best.tokens.length, 0)
    for (const [i, [best]] of found.entries())
      this.#metric.statistics(best.text, [pairs[i].target]).forEach((value, k) => {
        this.#measured[k] = (this.#measured[k] ?? 0) + value
      })
    return { bleu: this.#metric.score(this.#measured), sentences: this.#test.length, words }
  }

  /** What is to be trained on, and from where. */
  material(): TrainingMaterial {
    const { network, sides } = this.#dense
    const parameters = [...this.#parameters].map(
      ([name, { shape, data }]) => [name, { shape, data: data.slice() }] as const,
    )
    this.#pairs ??= trainingPairs(this.#text, sides)
    return { network, parameters, kept: [...(this.#mask?.kept ?? [])], ...this.#pairs }
  }

  async #pack(): Promise<void> {
    const { texts, network } = this.#dense
    const parts = await packModel(
      { texts, config: { model: network }, parameters: this.#parameters, mask: this.#mask },
      { values: 'f32' },
    )
    this.#packed = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer())
    await this.#load()
  }

  async #load(): Promise<void> {
    this.#measured = []
    this.#translator = await Translator.load(this.#packed)
  }
}

async function readDense(bytes: ArrayBuffer): Promise<DenseModel> {
  const file = await PackedReader.open(new Uint8Array(bytes))
  const texts = await readTexts(await file.section(TEXT_SECTION))
  const checked = parseNetwork(texts)
  checkTensors(checked, file.header.tensors)
  const parameters = new Map<string, { shape: readonly number[]; data: Float32Array }>()
  for (const entry of file.header.tensors)
    parameters.set(entry.name, { shape: entry.shape, data: unpackTensor(await file.tensor(entry)).data })
  await file.finish()
  // The same object as was checked, with what only training needs.
  const { model } = JSON.parse(texts.get('config.json') ?? '{}') as { model: NetworkConfig }
  return { texts, network: model, sides: parseSides(texts, checked), specs: parameterSpecs(checked), parameters }
}
