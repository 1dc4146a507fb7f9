/** Serves the built page and the models on this machine alone. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { DemoError } from './error.js'

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

/** With these a page may share memory between threads. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'X-Content-Type-Options': 'nosniff',
  // Asked again each time, and answered without the file where it is the same.
  'Cache-Control': 'no-cache',
}

/**
 * @param {object} options
 * @param {string} options.dist the page's folder
 * @param {string} options.models the folder that is served as models/
 * @param {() => Promise<unknown>} options.list what models/models.json is
 * @param {number} options.port 0: any that is free
 * @returns {Promise<string>} the address
 * @throws DemoError where the port is taken
 */
export async function serve({ dist, models, list, port }) {
  const server = createServer(async (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
    if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405).end()
    const path = pathOf(request.url ?? '/')
    if (path === '/models/models.json') {
      response.setHeader('Content-Type', TYPES['.json'])
      return response.end(JSON.stringify(await list()))
    }
    const file = path?.startsWith('/models/') ? join(models, path.slice('/models/'.length)) : path && join(dist, path)
    const found = file === undefined ? undefined : await stat(file).catch(() => undefined)
    if (!file || !found?.isFile()) return response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found')
    const tag = `"${found.size}-${found.mtimeMs}"`
    response.setHeader('ETag', tag)
    if (request.headers['if-none-match'] === tag) return response.writeHead(304).end()
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': found.size,
    })
    if (request.method === 'HEAD') return response.end()
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response)
  })
  await new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(
        /** @type {NodeJS.ErrnoException} */ (error).code === 'EADDRINUSE'
          ? new DemoError(`port ${port} is in use; choose another with --port, or any that is free with --port 0`)
          : error,
      ),
    )
    server.listen(port, '127.0.0.1', () => resolve(undefined))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}/`
}

/** The path of a request, with nothing in it that leads out of a folder; undefined where it is none. @param {string} url */
function pathOf(url) {
  try {
    const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname))
    if (path.includes('\0') || path.includes('..')) return undefined
    return path.endsWith('/') ? `${path}index.html` : path
  } catch {
    return undefined
  }
}
