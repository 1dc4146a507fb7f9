/** The version of this package, from its package.json. */
import { readFileSync } from 'node:fs'

/** For example `0.1.0`; part of the signature of every score and of every packed file. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
