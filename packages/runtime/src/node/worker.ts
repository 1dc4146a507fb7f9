/** The module of a worker thread of Node that translates with a packed model. */
import { parentPort } from 'node:worker_threads'
import type { Port, ReplyMessage, RequestMessage } from '../workers/protocol.ts'
import { serveTranslator } from '../workers/serve.ts'

if (!parentPort) throw new Error('this module runs in worker threads: see createNodeWorker')
const owner = parentPort
const port: Port<ReplyMessage, RequestMessage> = {
  onmessage: null,
  postMessage: message => owner.postMessage(message),
}
owner.on('message', data => port.onmessage?.({ data }))
serveTranslator(port)
