// @ts-check
/**
 * A character language model in some fifty lines: another sequence model than the one this engine was made for.
 *
 *     npm run build && node packages/engine/examples/character-model.js [steps]
 *
 * It learns to continue a rhyme by heart; the loss falls from log 27 ≈ 3.3 to near 0.
 */
import {
  add,
  cast,
  crossEntropy,
  div,
  fill,
  gather,
  gradients,
  input,
  matmul,
  minimum,
  mul,
  Random,
  scan,
  sqrt,
  sub,
  sum,
  sumSquare,
  tanh,
} from '@espalier/engine'
import { onnxBackend } from '@espalier/engine/onnx'

const steps = Number(process.argv[2] ?? 600)
const text = 'the quick brown fox jumps over the lazy dog and the dog sleeps on while the fox goes home again '
const letters = [...new Set(text)].sort()
const ids = Array.from(text, letter => letters.indexOf(letter))
const [V, n, T] = [letters.length, 64, ids.length - 1]

// h_t = tanh(E[x_t] + U h_{t-1} + b); p(x_{t+1}) = softmax(W h_t)
/** @type {Record<string, number[]>} */
const shapes = { E: [V, n], U: [n, n], b: [n], W: [V, n] }
const weights = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, input(name, 'float32', shape)]))
const { E, U, b, W } = weights
const characters = input('characters', 'int32', ['time', 1])
const labels = cast(input('labels', 'int32', ['time', 1]), 'int64')
const { outputs } = scan([fill(0, [1, n])], [gather(E, characters)], ([h], [x]) => {
  const next = tanh(add(add(x, matmul(h, U, { b: true })), b))
  return { carries: [next], outputs: [next] }
})
const loss = mul(sum(crossEntropy(matmul(outputs[0], W, { b: true }), labels)), 1 / T)
// Stochastic gradient descent at a rate of 0.5; gradients whose norm is above 1 are scaled down to it.
const found = gradients(loss, Object.values(weights)).filter(gradient => gradient !== undefined)
const norm = sqrt(found.map(sumSquare).reduce((a, b) => add(a, b)))
const rate = minimum(div(0.5, norm), 0.5)
const updates = Object.fromEntries(
  Object.entries(weights).map(([name, weight], i) => [name, sub(weight, mul(found[i], rate))]),
)

const backend = await onnxBackend()
const program = await backend.compile({ outputs: { loss }, updates })
try {
  Object.entries(shapes).forEach(([name, shape], i) => {
    const data = new Float32Array(shape.reduce((x, y) => x * y, 1))
    new Random(1, i).fillUniform(data, -0.1, 0.1)
    program.bind(name, { data, shape })
  })
  for (let step = 0; step <= steps; step++) {
    const { loss: value } = await program.run({
      characters: { data: Int32Array.from(ids.slice(0, T)), shape: [T, 1] },
      labels: { data: Int32Array.from(ids.slice(1)), shape: [T, 1] },
    })
    if (step % 100 === 0 || step === steps) console.log(`step ${step}: loss ${Number(value.data[0]).toFixed(3)}`)
  }
} finally {
  await program.release()
}
