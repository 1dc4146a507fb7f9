// Compiles the kernels of assembly/ and writes them as text into src/kernels/modules.ts.
import { writeKernels } from '../../../scripts/kernels.js'

await writeKernels(new URL('..', import.meta.url), 'src/kernels/modules.ts')
