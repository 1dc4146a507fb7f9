/** Threads of the WebAssembly backend: how they start, fail and end. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { wasmBackend } from '../src/backends/wasm/index.ts'
import { createKernels, type KernelTime } from '../src/backends/wasm/kernels.ts'
import { Memory } from '../src/backends/wasm/memory.ts'
import { SharedCommand } from '../src/backends/wasm/threads/command.ts'
import { webAssembly } from '../src/backends/wasm/webassembly.ts'
import { input, matmul, mul, sum, tanh } from '../src/index.ts'
import { numbers } from './support.ts'

const built = (path: string) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url))
const run = promisify(execFile)

/** What the backend gets its threads from; a test may put another class there. */
const threads = process.getBuiltinModule('node:worker_threads')
afterEach(() => {
  threads.Worker = Worker
})

/** Threads that are started from now on. */
function watchThreads(): Worker[] {
  const started: Worker[] = []
  threads.Worker = class extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given)
      started.push(this)
    }
  }
  return started
}

const exitOf = (worker: Worker) => new Promise(resolve => worker.on('exit', resolve))

/** The bytes of a module with one function of two operands. @param body instructions */
function moduleOf(body: number[]): Uint8Array<ArrayBuffer> {
  const text = (name: string) => [name.length, ...new TextEncoder().encode(name)]
  const section = (kind: number, bytes: number[]) => [kind, bytes.length, ...bytes]
  const code = [0, ...body, 0x0b]
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 0]),
    ...section(2, [1, ...text('env'), ...text('memory'), 2, 3, 0, 0x80, 0x80, 4]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('f'), 0, 0]),
    ...section(10, [1, code.length, ...code]),
  ])
}

const x = input('x', 'float32', ['n'])
const total = { y: sum(mul(x, x)) }

describe('threads', () => {
  it('are as many as were asked for, and do not have to be released for a program to end', async () => {
    const program = `
      import { wasmBackend } from '${built('backends/wasm/index.js')}'
      import { input, mul } from '${built('index.js')}'
      const backend = await wasmBackend({ threads: 3 })
      const x = input('x', 'float32', [2])
      const program = await backend.compile({ outputs: { y: mul(x, x) } })
      const { y } = await program.run({ x: { data: Float32Array.of(2, 3), shape: [2] } })
      console.log(backend.threads, ...y.data)`
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', program])
    expect({ stdout, stderr }).toEqual({ stdout: '3 4 9\n', stderr: '' })
  })

  it.each([0, 1.5, 65, Number.NaN])('are not %d', async count => {
    await expect(wasmBackend({ threads: count })).rejects.toThrow(RangeError)
  })

  it('end with the backend, which then refuses whatever it is asked for', async () => {
    const started = watchThreads()
    const backend = await wasmBackend({ threads: 2 })
    const ends = started.map(exitOf)
    const array = backend.place(numbers(3))
    const program = await backend.compile({ outputs: total })
    await backend.release()
    await backend.release()
    expect(await Promise.all(ends)).toHaveLength(1)
    const refusal = { code: 'released', name: 'BackendError' }
    await expect(program.run({ x: numbers(3) })).rejects.toMatchObject(refusal)
    await expect(backend.compile({ outputs: total })).rejects.toMatchObject(refusal)
    expect(() => backend.place(numbers(3))).toThrow(expect.objectContaining(refusal))
    array.release()
    await program.release()
  })

  it('are refused where one does not start, and the others end', async () => {
    const started: Worker[] = []
    threads.Worker = class extends Worker {
      constructor(file: string | URL, options: ConstructorParameters<typeof Worker>[1]) {
        super(started.length === 1 ? new URL('missing.js', file) : file, options)
        started.push(this)
      }
    }
    const starting = wasmBackend({ threads: 3 })
    await expect(starting).rejects.toMatchObject({ code: 'thread', message: expect.stringContaining('missing.js') })
    await Promise.all(started.map(worker => worker.terminate()))
  })

  it('that die make the next run fail, and all after it', async () => {
    const started = watchThreads()
    await using backend = await wasmBackend({ threads: 3 })
    const program = await backend.compile({ outputs: total })
    await program.run({ x: numbers(3) })
    const ends = started.map(exitOf)
    await started[0].terminate()
    await Promise.all(ends)
    for (let i = 0; i < 2; i++)
      await expect(program.run({ x: numbers(3) })).rejects.toMatchObject({
        code: 'thread',
        message: expect.stringContaining('ended'),
      })
  })

  it('work on functions that are added, and say what these throw', async () => {
    const { kernels, memory } = await createKernels(undefined, 3)
    try {
      // Each unit adds 1 to its own word: for (; i < end; i++) memory[i * 4 + 1024] += 1.
      const counting = await webAssembly()!.compile(
        moduleOf([
          ...[0x02, 0x40, 0x03, 0x40, 0x20, 0, 0x20, 1, 0x4e, 0x0d, 1],
          ...[0x20, 0, 0x41, 4, 0x6c, 0x20, 0, 0x41, 4, 0x6c, 0x28, 2, 0x80, 8, 0x41, 1, 0x6a, 0x36, 2, 0x80, 8],
          ...[0x20, 0, 0x41, 1, 0x6a, 0x21, 0, 0x0c, 0, 0x0b, 0x0b],
        ]),
      )
      const words = () => memory.view('int32', 1024, 1000) as Int32Array
      words().fill(0)
      const index = await kernels.add(counting)
      for (let i = 0; i < 200; i++) kernels.divideAdded(index, 999, 1000)
      expect([...words()]).toEqual([...Array(999).fill(200), 0])
      const trap = await kernels.add(await webAssembly()!.compile(moduleOf([0x00])))
      const refusal = expect.objectContaining({ code: 'thread', message: expect.stringContaining('unreachable') })
      expect(() => kernels.divideAdded(trap, 3, 1e6)).toThrow(refusal)
      expect(() => kernels.check()).toThrow(refusal)
    } finally {
      await kernels.release()
    }
  })

  it('work at the same time, at once and after they have slept', async () => {
    const { kernels } = await createKernels(undefined, 2)
    try {
      // Counts itself at 2048, then waits until there are two, and traps where there are none: the operand counts.
      const meeting = moduleOf([
        ...[0x41, 0x80, 16, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x1a, 0x02, 0x40, 0x03, 0x40],
        ...[0x41, 0x80, 16, 0xfe, 0x10, 2, 0, 0x41, 2, 0x4e, 0x0d, 1],
        ...[0x20, 0, 0x41, 1, 0x6a, 0x22, 0, 0x41, 0x80, 0x80, 0x80, 0x80, 4, 0x48, 0x0d, 0, 0x00, 0x0b, 0x0b],
      ])
      const clearing = moduleOf([0x41, 0x80, 16, 0x41, 0, 0x36, 2, 0])
      const [meet, clear] = [
        await kernels.add(await webAssembly()!.compile(meeting)),
        await kernels.add(await webAssembly()!.compile(clearing)),
      ]
      for (const pause of [0, 0, 1, 50, 300, 0]) {
        await new Promise(resolve => setTimeout(resolve, pause))
        kernels.divideAdded(clear, 1, 0)
        kernels.divideAdded(meet, 2, 1e6)
      }
    } finally {
      await kernels.release()
    }
  })

  it('that do not end are not waited for without end', async () => {
    const command = new SharedCommand(2, undefined, 1)
    const began = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(
      `const { buffer, began, file } = require('node:worker_threads').workerData
       import(file).then(({ SharedCommand }) => {
         new SharedCommand(2, buffer).serve([() => { Atomics.store(began, 0, 1); for (;;); }], 1)
       })`,
      {
        eval: true,
        workerData: { buffer: command.buffer, began, file: built('backends/wasm/threads/command.js') },
      },
    )
    await new Promise(resolve => worker.on('online', resolve))
    const waits = () => {
      while (Atomics.load(began, 0) === 0);
    }
    expect(() => command.run([waits], 0, 2, 2, [])).toThrow('1 s')
    await worker.terminate()
  })

  it('never take a part of a command that is half written', async () => {
    const { memory, kernels } = await createKernels(undefined, 2)
    const [from, to] = [memory.allocate(4096), memory.allocate(4096)]
    const source = memory.view('float32', from, 1024)
    for (let i = 0; i < 1024; i++) source[i] = i
    // Short calls of ever other numbers of parts: a thread is late for one when the next is already written.
    const end = performance.now() + 3000
    while (performance.now() < end)
      for (let i = 0; i < 2000; i++) {
        const rows = 1 + ((7 * i) % 64)
        memory.floats.fill(-1, to >> 2, (to >> 2) + 16 * rows)
        kernels.divide('copyRows', rows, 1e6, from, 64, to, 64, 64)
        const last = 16 * rows - 1
        if (memory.floats[(to >> 2) + last] !== last) throw new Error(`${rows} rows, and the last was not copied`)
      }
    await kernels.release()
  })

  it('share a memory that cannot grow without end', () => {
    const shared = new (webAssembly()!.Memory)({ initial: 1, maximum: 2, shared: true })
    const memory = new Memory(shared)
    expect(() => memory.allocate(200_000)).toThrow(expect.objectContaining({ code: 'out-of-memory' }))
    expect(memory.allocate(65_000)).toBeGreaterThan(0)
  })
})

it('a measurement is told how long kernels took, and how long the first thread waited', async () => {
  const times: KernelTime[] = []
  const backend = await wasmBackend({ threads: 2, onKernel: time => times.push(time) })
  const x = input('x', 'float32', ['n', 512])
  const w = input('w', 'float32', [512, 512])
  const program = await backend.compile({ outputs: { y: tanh(mul(matmul(x, w), 2)) } })
  await program.run({ x: numbers(64, 512), w: numbers(512, 512) })
  await program.release()
  await backend.release()
  const names = times.map(({ name }) => name)
  expect(names).toContain('multiply')
  expect(names).toContain('fused')
  for (const { milliseconds, waiting } of times) {
    expect(waiting).toBeGreaterThanOrEqual(0)
    expect(milliseconds).toBeGreaterThanOrEqual(waiting)
  }
})
