/** The code blocks of Markdown documents. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('..', import.meta.url))

export interface CodeBlock {
  /** The document and the line where the block begins. */
  readonly place: string
  /** What stands after the fence: `sh`, `js`, `yaml`, … or nothing. */
  readonly language: string
  readonly text: string
  /** Why the block cannot be run: an HTML comment before it, `<!-- not run: … -->`. */
  readonly notRun?: string
}

const BLOCK = /(?:<!-- not run: ([^>]*?) -->\s*)?^```([a-z]*)\n(.*?)^```$/gmsu

/** The blocks of a document, in order. @param path inside the repository */
export function codeBlocks(path: string): CodeBlock[] {
  const document = readFileSync(join(repository, path), 'utf8')
  return Array.from(document.matchAll(BLOCK), ({ index, 0: all, 1: notRun, 2: language, 3: text }) => ({
    place: `${path}:${document.slice(0, index + all.indexOf('```')).split('\n').length}`,
    language,
    text,
    notRun: notRun?.replace(/\s+/gu, ' '),
  }))
}

/** Every `espalier COMMAND …` of a document: the commands of its blocks, and those that stand in its sentences. */
export function espalierCommands(path: string): { place: string; command: string }[] {
  const document = readFileSync(join(repository, path), 'utf8')
  const inBlocks = codeBlocks(path)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ place, text }) =>
      Array.from(text.replace(/\\\n/gu, ' ').matchAll(/^(?:npx )?espalier ([a-z][^#\n]*)/gmu), ([, command]) => ({
        place,
        command: command.trim(),
      })),
    )
  const inSentences = Array.from(document.matchAll(/`(?:npx )?espalier ([a-z][^`]*)`/gu), ([, command]) => ({
    place: path,
    command,
  }))
  return [...inBlocks, ...inSentences]
}

/** Every Markdown document: at the root, in docs/, and of the packages. */
export function documents(): string[] {
  const packages = readdirSync(join(repository, 'packages')).map(name => `packages/${name}`)
  return ['.', 'docs', 'docs/results', ...packages].flatMap(folder =>
    readdirSync(join(repository, folder))
      .filter(name => name.endsWith('.md'))
      .map(name => join(folder, name)),
  )
}
