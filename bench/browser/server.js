/** A web server for measurements: some folders and some bytes, on this machine alone. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/**
 * Serves on 127.0.0.1, at a port that is free.
 * @param {object} options
 * @param {string} options.root a folder; @param {readonly string[]} options.folders the folders inside it that are served
 * @param {ReadonlyMap<string, Uint8Array | string>} [options.files] what else is served, by path
 * @param {boolean} [options.isolated] whether pages are isolated from other origins (COOP and COEP), as shared memory and
 *   `measureUserAgentSpecificMemory` need it
 * @returns {Promise<{ url: string, close(): void }>}
 */
export async function serve({ root, folders, files = new Map(), isolated = false }) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream')
    response.setHeader('Cache-Control', 'no-store')
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    const bytes = files.get(path)
    if (bytes !== undefined) return response.end(bytes)
    const file = join(root, normalize(path))
    const size =
      folders.some(folder => path.startsWith(`/${folder}/`)) && (await stat(file).catch(() => undefined))?.size
    if (size === false || size === undefined) return response.writeHead(404).end()
    response.setHeader('Content-Length', size)
    createReadStream(file).pipe(response)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
