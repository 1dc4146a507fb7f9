// @ts-check
/**
 * Makes parallel text of two languages from Debian's packages of LibreOffice's Help: train, valid and test, a sentence or
 * paragraph a line, packed with gzip, ready for `espalier prepare`.
 *
 *     node bench/corpora/libreoffice-help.js PACKAGES SOURCE TARGET OUT
 *
 * PACKAGES is the directory where the packages were unpacked; languages are called as there: en-US, de, pt-BR.
 */
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { makeCorpus } from './help-pages.js'

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message)
  process.exit(2)
}

const [packages, source, target, out, ...more] = process.argv.slice(2)
if (out === undefined || more.length > 0)
  fail('usage: node bench/corpora/libreoffice-help.js PACKAGES SOURCE TARGET OUT')
if (source === target) fail(`source and target are both ${source}`)
const root = join(packages, 'usr/share/libreoffice/help')
for (const language of [source, target]) {
  const directory = join(root, language, 'text')
  await access(directory).catch(() =>
    fail(`no ${directory}: unpack libreoffice-help-${language.toLowerCase()} with dpkg-deb -x PACKAGE ${packages}`),
  )
}

const splits = await makeCorpus(root, { source, target })
await mkdir(out, { recursive: true })
/** `en` of `en-US`, but the whole of both where two variants of one language are paired. @param {string} language */
const suffix = language => (source.split('-')[0] === target.split('-')[0] ? language : language.split('-')[0])
for (const [part, pairs] of Object.entries(splits)) {
  for (const [side, language] of [source, target].entries()) {
    const text = pairs.map(pair => `${pair[side]}\n`).join('')
    await writeFile(join(out, `${part}.${suffix(language)}.gz`), gzipSync(text))
  }
  console.log(`${part}: ${pairs.length} pairs`)
}
