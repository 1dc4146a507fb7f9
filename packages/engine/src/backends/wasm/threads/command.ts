/**
 * The command that threads work on together, in memory that they share: a function, its arguments, and a number of units
 * that is divided into parts. Each thread takes the parts that are its own, in their order, and then what others have
 * left, so that nobody waits for a thread that sleeps, or that the machine has given no time. The same thread gets the same
 * parts of the same call each time, as long as nobody is late: its cache still has what they need.
 *
 * A thread reads the whole command before it takes a part. It takes the part by a compare-and-exchange on a word that has
 * the number of the command in it. Before the owner replaces a command, it changes these words to the next number with no part
 * to take: so a thread that still looks at the old command, or at one that is half written, takes nothing.
 */
import { now } from '../clock.ts'
import type { WasmFunction } from '../webassembly.ts'

/** Int32 words; those that different threads write often lie in cache lines of their own. */
const LINE = 16
const WORD = {
  /** Counts commands; threads that have nothing to do sleep on it. */
  signal: 0,
  sleeping: 1,
  /** Threads that have gone back to their event loop, and changes whenever all are to. */
  absent: 2,
  recall: 3,
  /** The command. */
  function: LINE,
  units: LINE + 1,
  parts: LINE + 2,
  operands: LINE + 3,
  /** Parts that are done, and whether the owner sleeps until all are. */
  done: 2 * LINE,
  waiting: 2 * LINE + 1,
  /** What a function threw: how long the text is. */
  failed: 2 * LINE + 2,
  /** For each thread a line: the number of the command, and how many of the thread's parts are taken. */
  threads: 3 * LINE,
} as const

const TAKEN_BITS = 6
/** Of one thread, in one command. */
const MOST_PARTS = (1 << TAKEN_BITS) - 1
const MOST_OPERANDS = 32
const MOST_TEXT = 500
/** Bytes before the words: operands and text. */
const WORDS_AT = 8 * MOST_OPERANDS + 2 * MOST_TEXT

/** How often a word is looked at before a thread sleeps: some 20 µs, for machines have other work as well. */
const SPINS = 4000
/** Milliseconds that a thread sleeps for before it goes back to its event loop. */
const IDLE = 100
/** For how many seconds a part is waited for. A machine that was asleep meanwhile counts as one second. */
const PATIENCE = 60
const SECOND = 1000

const pause: () => void = (Atomics as { pause?: () => void }).pause ?? (() => {})

/** Whether this thread may sleep on memory; a page's own may not. */
function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0)
    return true
  } catch {
    return false
  }
}

export class SharedCommand {
  readonly #words: Int32Array
  readonly #operands: Float64Array
  readonly #text: Uint16Array
  /** Lists of each length, used again and again. */
  readonly #lists: number[][] = []
  readonly #sleeps = maySleep()

  /** Milliseconds that the owner has waited for parts of other threads. */
  waited = 0

  /**
   * @param buffer of the owner's command, for another thread; default: a new one, whose other threads are absent
   * @param patience for how many seconds a part is waited for
   */
  constructor(
    readonly threads: number,
    readonly buffer: SharedArrayBuffer = newBuffer(threads),
    readonly patience = PATIENCE,
  ) {
    this.#operands = new Float64Array(buffer, 0, MOST_OPERANDS)
    this.#text = new Uint16Array(buffer, 8 * MOST_OPERANDS, MOST_TEXT)
    this.#words = new Int32Array(buffer, WORDS_AT)
  }

  /**
   * The owner's part: a function is done for all units by all threads.
   * @param parts at most 63 for each thread
   * @throws ThreadError what a thread's function threw, or that a thread does not end
   */
  run(functions: readonly WasmFunction[], index: number, units: number, parts: number, operands: number[]): void {
    const words = this.#words
    const number = words[WORD.signal] + 1
    this.#offer((number << TAKEN_BITS) | MOST_PARTS)
    words[WORD.function] = index
    words[WORD.units] = units
    words[WORD.parts] = Math.min(parts, this.threads * MOST_PARTS)
    words[WORD.operands] = operands.length
    for (let i = 0; i < operands.length; i++) this.#operands[i] = operands[i]
    Atomics.store(words, WORD.done, 0)
    this.#offer(number << TAKEN_BITS)
    Atomics.store(words, WORD.signal, number)
    if (Atomics.load(words, WORD.sleeping) > 0) Atomics.notify(words, WORD.signal)
    this.#work(functions, 0)
    if (Atomics.load(words, WORD.done) !== words[WORD.parts]) {
      const began = now()
      this.#awaitParts()
      this.waited += now() - began
    }
    if (words[WORD.failed] > 0) throw new ThreadError(this.#failure())
  }

  /** Sets what all threads take parts by. */
  #offer(claim: number): void {
    for (let t = 0; t < this.threads; t++) Atomics.store(this.#words, WORD.threads + t * LINE, claim)
  }

  /**
   * A thread's part: works on commands until there has been none for a while, or threads are called back.
   * @param own which thread this is, from 1
   */
  serve(functions: readonly WasmFunction[], own: number): void {
    const words = this.#words
    const recall = Atomics.load(words, WORD.recall)
    for (;;) {
      const seen = Atomics.load(words, WORD.signal)
      const knows = this.#work(functions, own)
      if (!knows || Atomics.load(words, WORD.recall) !== recall) break
      for (let i = 0; i < SPINS && Atomics.load(words, WORD.signal) === seen; i++) pause()
      Atomics.add(words, WORD.sleeping, 1)
      const woken = Atomics.wait(words, WORD.signal, seen, IDLE)
      Atomics.sub(words, WORD.sleeping, 1)
      if (woken === 'timed-out') break
    }
    Atomics.store(words, absence(own), 1)
    Atomics.add(words, WORD.absent, 1)
  }

  /** Which threads have gone back to their event loop since this was asked, or since the start. */
  absentees(): number[] {
    if (Atomics.load(this.#words, WORD.absent) === 0) return []
    const found: number[] = []
    for (let t = 1; t < this.threads; t++) if (Atomics.exchange(this.#words, absence(t), 0) === 1) found.push(t)
    Atomics.sub(this.#words, WORD.absent, found.length)
    return found
  }

  /** Calls the threads back to their event loop. */
  recall(): void {
    Atomics.add(this.#words, WORD.recall, 1)
    Atomics.add(this.#words, WORD.signal, 1)
    Atomics.notify(this.#words, WORD.signal)
  }

  /** @returns false where the command is of a function that this thread does not have */
  #work(functions: readonly WasmFunction[], own: number): boolean {
    const words = this.#words
    for (let i = 0; i < this.threads; i++) {
      const thread = (own + i) % this.threads
      const word = WORD.threads + thread * LINE
      for (;;) {
        const claim = Atomics.load(words, word)
        const parts = words[WORD.parts]
        const part = Math.floor((parts * thread) / this.threads) + (claim & MOST_PARTS)
        if (part >= Math.floor((parts * (thread + 1)) / this.threads)) break
        const run = functions[words[WORD.function]]
        const operands = this.#read(words[WORD.operands], words[WORD.units], part, parts)
        if (!run) return false
        if (Atomics.compareExchange(words, word, claim, claim + 1) === claim) this.#finish(run, operands)
      }
    }
    return true
  }

  /** The operands of a part of the command. */
  #read(count: number, units: number, part: number, parts: number): number[] {
    this.#lists[count] ??= Array(count + 2).fill(0.5)
    const list = this.#lists[count]
    for (let i = 0; i < count; i++) list[i] = this.#operands[i]
    list[count] = Math.floor((units * part) / parts)
    list[count + 1] = Math.floor((units * (part + 1)) / parts)
    return list
  }

  #finish(run: WasmFunction, operands: number[]): void {
    try {
      run(...operands)
    } catch (error) {
      const text = String(error).slice(0, MOST_TEXT)
      for (let i = 0; i < text.length; i++) this.#text[i] = text.charCodeAt(i)
      Atomics.store(this.#words, WORD.failed, text.length)
    }
    Atomics.add(this.#words, WORD.done, 1)
    if (Atomics.load(this.#words, WORD.waiting) === 1) Atomics.notify(this.#words, WORD.done)
  }

  #failure(): string {
    return String.fromCharCode(...this.#text.subarray(0, this.#words[WORD.failed]))
  }

  /** Waits until all parts are done that other threads have taken. */
  #awaitParts(): void {
    const words = this.#words
    const parts = words[WORD.parts]
    for (let i = 0; i < SPINS; i++) {
      if (Atomics.load(words, WORD.done) === parts) return
      pause()
    }
    Atomics.store(words, WORD.waiting, 1)
    for (let seconds = 0; seconds < this.patience; ) {
      const done = Atomics.load(words, WORD.done)
      if (done === parts) break
      if (this.#sleep(done) === 'timed-out') seconds++
    }
    Atomics.store(words, WORD.waiting, 0)
    if (Atomics.load(words, WORD.done) !== parts) throw new ThreadError(`it has not answered for ${this.patience} s`)
  }

  /** Sleeps until the number of parts that are done is another one, or looks at it where a thread may not sleep. */
  #sleep(done: number): string {
    if (this.#sleeps) return Atomics.wait(this.#words, WORD.done, done, SECOND)
    const end = Date.now() + SECOND
    while (Date.now() < end)
      for (let i = 0; i < SPINS; i++) if (Atomics.load(this.#words, WORD.done) !== done) return 'not-equal'
    return 'timed-out'
  }
}

function newBuffer(threads: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(WORDS_AT + 4 * (WORD.threads + LINE * threads))
  const words = new Int32Array(buffer, WORDS_AT)
  words[WORD.absent] = threads - 1
  for (let t = 1; t < threads; t++) words[absence(t)] = 1
  return buffer
}

/** Where it says that a thread has gone back to its event loop. */
const absence = (thread: number) => WORD.threads + thread * LINE + 1

/** What went wrong in a thread. */
export class ThreadError extends Error {}
