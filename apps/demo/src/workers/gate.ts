/** A gate that training passes before each run of a program: closed, it pauses; open, it lets messages in now and then. */
import type { Backend, Program } from '@espalier/engine'

/** Milliseconds of work between two looks for messages. */
const WORK_MS = 50

export class Gate {
  #opened: Promise<void> | undefined
  #open = () => {}
  #looked = performance.now()
  #waited = 0

  /** Seconds that were spent waiting, those that were taken before left out. */
  takeWaited(): number {
    const waited = this.#waited
    this.#waited = 0
    return waited
  }

  close(): void {
    if (this.#opened) return
    this.#opened = new Promise(resolve => {
      this.#open = resolve
    })
  }

  open(): void {
    this.#open()
    this.#opened = undefined
  }

  async pass(): Promise<void> {
    const began = performance.now()
    if (began - this.#looked > WORK_MS) await nextTask()
    await this.#opened
    const now = performance.now()
    if (began - this.#looked > WORK_MS) this.#looked = now
    this.#waited += (now - began) / 1000
  }
}

/** Lets what waits be done first. A timer would be held back by milliseconds each time. */
function nextTask(): Promise<void> {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

/** A backend whose programs wait at a gate. */
export function gated(backend: Backend, gate: Gate): Backend {
  return {
    ...backend,
    compile: async source => gatedProgram(await backend.compile(source), gate),
  }
}

function gatedProgram(program: Program, gate: Gate): Program {
  return {
    inputNames: program.inputNames,
    bind: (name, value) => program.bind(name, value),
    run: async (values, options) => {
      await gate.pass()
      return program.run(values, options)
    },
    release: () => program.release(),
    [Symbol.asyncDispose]: () => program.release(),
  }
}
