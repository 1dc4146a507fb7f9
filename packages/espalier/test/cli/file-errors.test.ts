/** Errors of the file system: each a sentence, with the exit status that is documented, and no stack. */
import { execFile, execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeError } from '../../src/cli/errors.ts'
import { FILE_ERRORS } from '../../src/storage/file-errors.ts'
import { bin, type Result } from './program.ts'

/** What is a machine's fault is work that failed, 1; what is a mistake in a path is wrong input, 2. */
const STATUS: Readonly<Record<string, number>> = {
  ...{ ENOENT: 2, EACCES: 2, EPERM: 2, EISDIR: 2, ENOTDIR: 2, EEXIST: 2, ENOTEMPTY: 2, EROFS: 2, ELOOP: 2 },
  ...{ ENAMETOOLONG: 2, EXDEV: 2, ETXTBSY: 2, EINVAL: 2 },
  ...{ ENOSPC: 1, EDQUOT: 1, EMFILE: 1, ENFILE: 1, EFBIG: 1, EIO: 1, EBUSY: 1, ESTALE: 1 },
}

/** An error as Node makes it. */
const fileError = (code: string, properties: object = {}) =>
  Object.assign(new Error(`${code}: as libuv says it, open 'a/b'`), { code, errno: -1, syscall: 'open', ...properties })

describe('an error of the file system', () => {
  it.each(Object.keys(FILE_ERRORS))('%s is a sentence with path and status', code => {
    const { message, status } = describeError(fileError(code, { path: 'a/b' }))
    expect(message).toMatch(/^a\/b: [a-z][^\n]*[a-z)]$/u)
    expect(message).not.toContain(code)
    expect(status).toBe(STATUS[code])
    expect(describeError(fileError(code)).message).toBe(FILE_ERRORS[code])
  })

  it('names what the user named, and not the file that is written in its place', () => {
    const partial = 'folder/.model.04115b94fc-18001-059cb54778b9.partial/model.safetensors'
    expect(describeError(fileError('EACCES', { path: partial })).message).toMatch(
      /^folder\/model\/model.safetensors: /u,
    )
    const lock = 'folder/..model.lock.04115b94fc-18001-059cb54778b9.partial'
    expect(describeError(fileError('EACCES', { path: lock })).message).toMatch(/^folder\/model: /u)
    expect(describeError(fileError('EACCES', { path: 'a', dest: 'b' })).message).toMatch(/^b: /u)
  })

  it('of an unknown kind is said to be unexpected', () => {
    expect(describeError(fileError('EUNKNOWN'))).toMatchObject({
      status: 1,
      message: expect.stringContaining('report'),
    })
  })
})

/** Runs a line of shell in which `espalier` is the built program. */
function shell(line: string, cwd: string, uid?: number): Promise<Result> {
  const script = `espalier() { '${process.execPath}' '${bin}' "$@"; }\n${line}`
  return new Promise(resolve => {
    execFile('bash', ['-c', script], { cwd, uid, gid: uid }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
  })
}

/** Whether a line of shell can be run here. */
function can(line: string, options: { uid?: number } = {}): boolean {
  try {
    execFileSync('bash', ['-c', line], { stdio: 'ignore', ...options })
    return true
  } catch {
    return false
  }
}

const linux = process.platform === 'linux'
const MOUNT = 'mount -t tmpfs -o size=64k tmpfs'
const mounts = linux && can(`unshare -m bash -c '${MOUNT} /mnt'`)
/** Nobody's number, where this is root, who may write everywhere. */
const NOBODY = process.getuid?.() === 0 ? 65534 : undefined
const restricted = linux && can(`'${process.execPath}' '${bin}' --version`, { uid: NOBODY })

describe.skipIf(!linux)('from the command line', () => {
  let cwd: string
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'espalier-'))
    await chmod(cwd, 0o755)
    await mkdir(join(cwd, 'directory'))
    await mkdir(join(cwd, 'closed'), { mode: 0o555 })
    await writeFile(join(cwd, 'file'), 'one\ntwo\n')
    await writeFile(join(cwd, 'secret'), 'one\ntwo\n', { mode: 0 })
    await symlink('circle', join(cwd, 'circle'))
  })
  afterAll(() => rm(cwd, { recursive: true, force: true }))

  const name = 'n'.repeat(300)
  const phrasebook = 'espalier phrasebook --pairs 2000 --out'
  it.each([
    ['ENOENT', 'espalier score nowhere file', 2, 'nowhere: no such file'],
    ['ENOENT', `${phrasebook} /proc/x`, 2, '/proc/x: there is no such file or directory'],
    ['EISDIR', 'espalier score file directory', 2, 'directory is a directory, not a file'],
    ['EISDIR', 'espalier train data --config directory --out model', 2, 'directory is a directory; name a YAML file'],
    ['ENOTDIR', 'espalier score file file/x', 2, 'file/x: no such file'],
    ['ENOTDIR', `${phrasebook} file/x`, 2, /--out \S+\/file\/x: \S+\/file is a file, not a directory/u],
    ['ELOOP', 'espalier score circle file', 2, 'circle: its symbolic links lead in a circle'],
    ['ELOOP', `${phrasebook} circle/x`, 2, /\/circle: its symbolic links lead in a circle/u],
    ['ENAMETOOLONG', `espalier score ${name} file`, 2, `${name}: the name is too long`],
    ['ENAMETOOLONG', `${phrasebook} ${name}`, 2, /\/n+: the name is too long/u],
    ['EMFILE', `ulimit -n 22; ${phrasebook} x`, 1, 'too many files are open; raise the limit (ulimit -n)'],
    ['EFBIG', `trap '' XFSZ; ulimit -f 4; ${phrasebook} x`, 1, 'the file is larger than the file system allows'],
    ['ENOSPC', 'espalier score file file > /dev/full', 1, 'standard output cannot be written: the disk is full'],
    ['ENOSPC', 'espalier --help > /dev/full', 1, 'standard output cannot be written: the disk is full'],
    ['EEXIST', `${phrasebook} directory`, 2, /directory exists already; choose another --out, or/u],
  ])('%s: %s', async (_code, line, status, message) => {
    const before = await readdir(cwd)
    const result = await shell(line, cwd)
    expect(result).toEqual({ status, stdout: '', stderr: expect.stringMatching(/^espalier: [^\n]+\n$/u) })
    if (typeof message === 'string') expect(result.stderr).toBe(`espalier: ${message}\n`)
    else expect(result.stderr).toMatch(message)
    expect(await readdir(cwd)).toEqual(before)
  })

  it('EPIPE: a reader that goes away ends the program quietly', async () => {
    const line = '(sleep 0.5; espalier phrasebook --help; echo $? >&2) | true'
    expect(await shell(line, cwd)).toEqual({ status: 0, stdout: '', stderr: '141\n' })
  })

  it.skipIf(!restricted).each([
    ['espalier score secret file', 'secret cannot be read: permission denied'],
    [`${phrasebook} closed/x`, /--out \S+\/closed\/x: \S+\/closed cannot be written to/u],
  ])('EACCES: %s', async (line, message) => {
    const { status, stderr } = await shell(line, cwd, NOBODY)
    if (typeof message === 'string') expect(stderr).toBe(`espalier: ${message}\n`)
    else expect(stderr).toMatch(message)
    expect(status).toBe(2)
  })

  it.skipIf(!mounts).each([
    ['ENOSPC', MOUNT, 1, 'the disk is full; what was there before is intact'],
    ['EROFS', `${MOUNT} -o ro`, 2, /\/directory cannot be written to/u],
  ])('%s of a file system that is mounted so', async (_code, mount, status, message) => {
    const command = `'${process.execPath}' '${bin}' phrasebook --pairs 20000 --out directory/x`
    const result = await shell(`unshare -m bash -c "${mount} directory && ${command}"`, cwd)
    expect(result.stderr).toMatch(message)
    expect(result).toEqual({ status, stdout: '', stderr: expect.stringMatching(/^espalier: [^\n]+\n$/u) })
  })
})
