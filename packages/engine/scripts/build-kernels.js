// Compiles the kernels of assembly/ and writes them as text into src/backends/wasm/modules.ts.
import { writeKernels } from '../../../scripts/kernels.js'

await writeKernels(new URL('..', import.meta.url), 'src/backends/wasm/modules.ts')
