import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`./packages/${path}`, import.meta.url))

/** Tests that need Chromium; they skip themselves, with a notice, where there is none. */
const BROWSER = ['apps/*/test/**/*.test.ts', 'packages/*/test/**/browser/**/*.test.ts']

// Tests read the sources, so that no build can be stale; the command-line tests alone start the built program.
export default defineConfig({
  resolve: {
    alias: [
      { find: '@espalier/engine/random', replacement: source('engine/src/graph/random.ts') },
      { find: '@espalier/engine/onnx', replacement: source('engine/src/backends/onnx/index.ts') },
      { find: '@espalier/engine/wasm', replacement: source('engine/src/backends/wasm/index.ts') },
      // Its threads start a file, which has to be JavaScript.
      { find: '@espalier/runtime/node', replacement: source('runtime/dist/node/index.js') },
      { find: /^@espalier\/runtime\/(packed|architectures|kernels)$/, replacement: source('runtime/src/$1/index.ts') },
      { find: /^@espalier\/(engine|runtime|phrasebook)$/, replacement: source('$1/src/index.ts') },
      { find: /^espalier\/([\w-]+)$/, replacement: source('espalier/src/exports/$1.ts') },
      { find: /^espalier$/, replacement: source('espalier/src/index.ts') },
    ],
  },
  test: {
    // One of them alone: npx vitest run --project unit
    projects: [
      { extends: true, test: { name: 'unit', include: ['packages/*/test/**/*.test.ts'], exclude: BROWSER } },
      { extends: true, test: { name: 'browser', include: BROWSER } },
      { extends: true, test: { name: 'repository', include: ['test/**/*.test.ts'] } },
    ],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: { provider: 'v8', include: ['packages/*/src/**'], reporter: ['text-summary', 'html'] },
  },
})
