/** The module of a worker thread that translates with a packed model. */
import { parentPort } from 'node:worker_threads'
import { serveTranslator } from '@espalier/runtime'

const owner = parentPort!
const port: Parameters<typeof serveTranslator>[0] = {
  onmessage: null,
  postMessage: (message, transfer) => owner.postMessage(message, transfer as never),
}
owner.on('message', data => port.onmessage?.({ data }))
serveTranslator(port)
