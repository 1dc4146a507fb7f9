/** The visitor's model, on the page's side: one thing at a time is done to it, and what was asked for last counts. */
import type { Scheme } from 'espalier/pruning'
import { percent } from '../format.ts'
import type { Description, LiveDescription } from '../list.ts'
import type { ModelLoader, TextTranslator } from '../model-loader.ts'
import { WorkerEnded } from '../workers/messages.ts'
import type { LiveFacts, PhrasebookText } from '../workers/model-calls.ts'
import type { ModelWorker } from '../workers/start.ts'
import type { Snapshot } from '../workers/training-calls.ts'
import { failureSentence } from './failure.ts'
import { type Curves, Retraining } from './retraining.ts'

/** Held-out sentences that are translated before the page may ask for something else. */
const SLICE = 20

export type Phase = 'opening' | 'pruned' | 'preparing' | 'retraining' | 'paused' | 'retrained'

export interface Bleu {
  readonly value: number
  /** How many of the held-out sentences it is of, and how many there are. */
  readonly done: number
  readonly of: number
}

export interface Choice {
  readonly scheme: Scheme
  readonly fraction: number
}

/** Something that the model becomes: pruned anew, or what training has come to. */
type Job =
  | { readonly kind: 'prune'; readonly choice: Choice }
  | { readonly kind: 'adopt'; readonly snapshot: Snapshot; readonly seconds: number }

export interface LiveModelOptions {
  readonly worker: ModelWorker
  readonly loader: ModelLoader
  readonly description: LiveDescription
  /** That the dense model was trained on. */
  readonly text: PhrasebookText
}

export class LiveModel {
  phase: Phase = 'opening'
  choice: Choice = { scheme: 'class-blind', fraction: 0 }
  facts: LiveFacts | undefined
  bleu: Bleu | undefined
  /** Whether it was pruned anew since figures and BLEU were told. */
  stale = false
  /** BLEU of the dense model on the same sentences. */
  denseBleu: number | undefined
  failure: string | undefined
  retraining: Retraining | undefined
  /** Whether the weights are other than after the last pruning. */
  trained = false
  readonly #listeners: (() => void)[] = []
  readonly #worker: ModelWorker
  readonly #loader: ModelLoader
  #next: Job | undefined
  #working: Promise<void> | undefined

  readonly description: LiveDescription
  readonly #text: PhrasebookText
  /** Whether a visitor has done anything to it. */
  touched = false
  #onTouch = () => {}

  constructor({ worker, loader, description, text }: LiveModelOptions) {
    this.#worker = worker
    this.#loader = loader
    this.description = description
    this.#text = text
  }

  onTouch(listener: () => void): void {
    this.#onTouch = listener
  }

  /** What was done to it, in words. */
  summary(): string {
    const { fraction } = this.choice
    const retrained = this.phase === 'retraining' ? ', retraining' : this.trained ? ', retrained' : ''
    return `yours: ${fraction === 0 ? 'unpruned' : `${percent(fraction)} pruned`}${retrained}`
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  get curves(): Curves | undefined {
    return this.retraining?.curves
  }

  /** Takes the dense weights in, and measures them. */
  async open(dense: Description): Promise<void> {
    try {
      const { bytes } = await this.#loader.file(dense)
      const buffer = await bytes.arrayBuffer()
      this.facts = await this.#worker.call('open', { bytes: buffer, text: this.#text }, [buffer])
      this.phase = 'pruned'
      this.#became()
      this.#begin(() => this.#measureDense())
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Prunes the dense weights; a retraining is over then. */
  prune(choice: Choice): void {
    this.#touch()
    this.choice = choice
    this.stale = true
    this.retraining?.stop()
    this.retraining = undefined
    this.trained = false
    if (this.phase !== 'opening') this.phase = 'pruned'
    this.#ask({ kind: 'prune', choice })
  }

  async retrain(): Promise<void> {
    if (this.phase === 'preparing' || this.phase === 'retraining' || this.phase === 'opening') return
    this.#touch()
    if (this.phase === 'paused') return this.#setPaused(false)
    const retraining = new Retraining(
      {
        onProgress: () => this.#changed(),
        onSnapshot: (snapshot, seconds) => {
          if (this.retraining === retraining) this.#ask({ kind: 'adopt', snapshot, seconds })
        },
      },
      this.trained ? this.curves : undefined,
    )
    this.retraining = retraining
    this.#setPhase('preparing')
    try {
      await this.#working
      const material = await this.#worker.call('material', undefined)
      if (this.retraining !== retraining) return
      this.#setPhase('retraining')
      await retraining.run(material)
      await this.#working
      if (this.retraining === retraining) this.#setPhase('retrained')
    } catch (error) {
      retraining.stop()
      if (error instanceof WorkerEnded || this.retraining !== retraining) return
      this.phase = this.trained ? 'retrained' : 'pruned'
      this.#fail(error)
    }
  }

  pause(): Promise<void> {
    return this.#setPaused(true)
  }

  async packed(): Promise<Blob> {
    return new Blob([await this.#worker.call('packed', undefined)])
  }

  async #setPaused(paused: boolean): Promise<void> {
    if (!this.retraining) return
    this.#setPhase(paused ? 'paused' : 'retraining')
    await this.retraining.setPaused(paused)
  }

  #touch(): void {
    this.touched = true
    this.#onTouch()
  }

  #ask(job: Job): void {
    this.#next = job
    this.failure = undefined
    this.#changed()
    if (this.phase !== 'opening' && !this.#working) this.#begin(async () => {})
  }

  /** Does something, and then what was asked for meanwhile. */
  #begin(first: () => Promise<void>): void {
    const work = async () => {
      await first()
      for (let job = this.#next; job; job = this.#next) {
        this.#next = undefined
        await this.#become(job)
      }
    }
    this.#working = work()
      .catch(error => this.#fail(error))
      .finally(() => {
        this.#working = undefined
      })
  }

  async #become(job: Job): Promise<void> {
    this.facts = await (job.kind === 'prune'
      ? this.#worker.call('prune', job.choice)
      : this.#worker.call(
          'adopt',
          { parameters: job.snapshot.parameters },
          job.snapshot.parameters.map(([, { data }]) => data.buffer as ArrayBuffer),
        ))
    if (job.kind === 'adopt') this.trained = true
    this.#became()
    const bleu = await this.#measure()
    if (bleu !== undefined && job.kind === 'adopt') this.curves?.bleu.push({ seconds: job.seconds, value: bleu })
    this.#changed()
  }

  async #measureDense(): Promise<void> {
    let from = 0
    for (let of = 1; from < of; from += SLICE) {
      const { bleu, sentences } = await this.#worker.call('measure', { from, count: SLICE })
      of = sentences
      this.denseBleu = bleu
    }
    this.#setBleu({ value: this.denseBleu ?? 0, done: from, of: from })
  }

  /** BLEU, slice by slice. @returns undefined where something else was asked for meanwhile */
  async #measure(): Promise<number | undefined> {
    for (let from = 0, of = 1; from < of; from += SLICE) {
      if (this.#next && this.#next.kind !== 'adopt') return undefined
      const { bleu, sentences } = await this.#worker.call('measure', { from, count: SLICE })
      of = sentences
      this.#setBleu({ value: bleu, done: Math.min(of, from + SLICE), of })
    }
    return this.bleu?.value
  }

  #setBleu(bleu: Bleu): void {
    this.bleu = bleu
    this.stale = this.#next?.kind === 'prune'
    if (bleu.done >= bleu.of) this.description.bleu = bleu.value
    this.#changed()
  }

  /** The weights are others: whoever translates with them should do so again. */
  #became(): void {
    const { facts, description } = this
    if (!facts) return
    Object.assign(description, { bytes: facts.bytes, kept: facts.kept, weights: facts.weights, bleu: undefined })
    this.#loader.set(description, { kind: 'ready', translator: this.#translator() })
    this.#changed()
  }

  #translator(): TextTranslator {
    return {
      hasAttention: true,
      translate: async (sentences, { attention = false, signal }) => {
        const { translations } = await this.#worker.call('translate', { sentences, attention })
        signal?.throwIfAborted()
        return translations
      },
    }
  }

  #setPhase(phase: Phase): void {
    this.phase = phase
    if (phase === 'preparing') this.failure = undefined
    this.#changed()
  }

  #fail(error: unknown): void {
    this.stale = false
    if (!(error instanceof WorkerEnded)) this.failure = failureSentence(error)
    this.#changed()
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
