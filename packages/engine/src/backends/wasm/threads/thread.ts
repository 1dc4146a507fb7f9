/** The module of a thread: it has the functions over the memory that all threads share, and works on what is commanded. */
import { functionsOf, type WasmFunction, type WasmMemory } from '../webassembly.ts'
import { SharedCommand } from './command.ts'
import { nodeThreads } from './node.ts'
import type { OwnerMessage, ThreadMessage } from './protocol.ts'

interface Owner {
  postMessage(message: ThreadMessage): void
  onmessage: ((event: { data: OwnerMessage }) => void) | null
}

// The port of Node's threads and the global scope of a worker have these methods alike.
const owner = (nodeThreads()?.parentPort ?? globalThis) as Owner
const functions: WasmFunction[] = []
let started: { readonly memory: WasmMemory; readonly command: SharedCommand; readonly thread: number } | undefined
let last: Promise<void> = Promise.resolve()

async function answer(message: OwnerMessage): Promise<ThreadMessage | undefined> {
  if (message.kind === 'start') {
    const { memory, thread, threads } = message
    started = { memory, thread, command: new SharedCommand(threads, message.command) }
    return { kind: 'done' }
  }
  if (!started) throw new Error(`${message.kind} comes before start`)
  const { memory, command, thread } = started
  if (message.kind === 'work') {
    command.serve(functions, thread)
    return undefined
  }
  const added = await functionsOf(message.module, memory)
  if (message.scratch !== undefined) added.get('useScratch')?.(message.scratch)
  functions.push(...added.values())
  return { kind: 'done' }
}

owner.onmessage = ({ data }) => {
  last = last
    .then(() => answer(data))
    .catch((error): ThreadMessage => ({ kind: 'failed', message: String(error) }))
    .then(reply => reply && owner.postMessage(reply))
}
