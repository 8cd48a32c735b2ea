// Outputs that are there whole or not at all, whatever lies at their name already.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { OutputError } from '../src/errors.ts'
import { checkOutput, textOf, writeWhole } from '../src/files.ts'
import { temporaryFolder } from './cli/run.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true }))

let n = 0
/** A folder of its own for each test. */
function place(): string {
  const path = join(folder, String(n++))
  mkdirSync(path)
  return path
}

const isRoot = process.getuid?.() === 0

/** Makes a node, of a pipe or a device; undefined where that is not permitted. */
function node(path: string, ...kind: string[]): string | undefined {
  return spawnSync('mknod', [path, ...kind]).status === 0 ? path : undefined
}

async function* pieces(...texts: string[]) {
  yield* texts
}

it('a folder in place of a text is named', async () => {
  const at = place()
  await expect(textOf(at)).rejects.toMatchObject({ code: 'EISDIR', path: at })
})

describe('a file', () => {
  it('is written whole, from text, bytes or pieces, and leaves nothing else', async () => {
    const at = place()
    await writeWhole(join(at, 'text'), 'one')
    await writeWhole(join(at, 'bytes'), Uint8Array.of(1, 2, 255))
    await writeWhole(join(at, 'pieces'), pieces('a', 'b', 'c'))
    await writeWhole(join(at, 'none'), pieces())
    expect(readdirSync(at).sort()).toEqual(['bytes', 'none', 'pieces', 'text'])
    expect(readFileSync(join(at, 'text'), 'utf8')).toBe('one')
    expect([...readFileSync(join(at, 'bytes'))]).toEqual([1, 2, 255])
    expect(readFileSync(join(at, 'pieces'), 'utf8')).toBe('abc')
    expect(readFileSync(join(at, 'none'), 'utf8')).toBe('')
  })

  it('may have the longest name that a file can have', async () => {
    const at = join(place(), 'é'.repeat(127))
    await writeWhole(at, 'long')
    expect(readFileSync(at, 'utf8')).toBe('long')
  })

  it.each([0o600, 0o644, 0o664, 0o755])('keeps the mode %o of the one that it replaces', async (mode) => {
    const at = join(place(), 'file')
    writeFileSync(at, 'old')
    chmodSync(at, mode)
    await writeWhole(at, 'new')
    expect(statSync(at).mode & 0o777).toBe(mode)
    expect(readFileSync(at, 'utf8')).toBe('new')
  })

  it.skipIf(!isRoot)('keeps the owner of the one that it replaces (skipped: not root)', async () => {
    const at = join(place(), 'file')
    writeFileSync(at, 'old')
    chownSync(at, 1234, 2345)
    await writeWhole(at, 'new')
    expect(statSync(at)).toMatchObject({ uid: 1234, gid: 2345 })
  })

  it('stays as it was when a piece fails, whose error comes through', async () => {
    const at = place()
    writeFileSync(join(at, 'file'), 'old')
    async function* failing() {
      yield 'half'
      throw new RangeError('no more')
    }
    await expect(writeWhole(join(at, 'file'), failing())).rejects.toThrow(new RangeError('no more'))
    expect(readdirSync(at)).toEqual(['file'])
    expect(readFileSync(join(at, 'file'), 'utf8')).toBe('old')
  })
})

describe('a link', () => {
  it('is followed: over several links, to another folder, from a folder that is a link', async () => {
    const at = place()
    mkdirSync(join(at, 'there/deep'), { recursive: true })
    writeFileSync(join(at, 'there/file'), 'old')
    symlinkSync('there/deep', join(at, 'folder'))
    // `..` counts from where the folder really is.
    symlinkSync('../file', join(at, 'there/deep/second'))
    symlinkSync('folder/second', join(at, 'first'))
    await writeWhole(join(at, 'first'), 'new')
    expect(readFileSync(join(at, 'there/file'), 'utf8')).toBe('new')
    expect(lstatSync(join(at, 'first')).isSymbolicLink()).toBe(true)
    expect(lstatSync(join(at, 'there/deep/second')).isSymbolicLink()).toBe(true)
    expect(readdirSync(join(at, 'there')).sort()).toEqual(['deep', 'file'])
  })

  it('to nothing makes the file it names', async () => {
    const at = place()
    symlinkSync('target', join(at, 'link'))
    await writeWhole(join(at, 'link'), 'new')
    expect(lstatSync(join(at, 'link')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(at, 'target'), 'utf8')).toBe('new')
  })

  it('in a circle, or into a folder that is not there, is refused', async () => {
    const at = place()
    symlinkSync('b', join(at, 'a'))
    symlinkSync('a', join(at, 'b'))
    symlinkSync('absent/file', join(at, 'c'))
    await expect(writeWhole(join(at, 'a'), '')).rejects.toThrow(/links lead in a circle/)
    await expect(writeWhole(join(at, 'c'), '')).rejects.toThrow(/folder does not exist: .*absent/)
    expect(readdirSync(at).sort()).toEqual(['a', 'b', 'c'])
  })
})

describe('what is no regular file', () => {
  it('is written to as it comes: a named pipe', async ({ skip }) => {
    const pipe = node(join(place(), 'pipe'), 'p')
    if (!pipe) return skip('mknod makes no pipe here')
    // More than a pipe holds, and the reader comes later.
    const text = 'x'.repeat(300_000)
    const writing = writeWhole(pipe, text)
    expect(await readFile(pipe, 'utf8')).toBe(text)
    await writing
    expect(lstatSync(pipe).isFIFO()).toBe(true)
    expect(readdirSync(join(pipe, '..'))).toEqual(['pipe'])
  })

  it('and lets the process exit while nobody reads that pipe', ({ skip }) => {
    const pipe = node(join(place(), 'pipe'), 'p')
    if (!pipe) return skip('mknod makes no pipe here')
    expect(inProcess(`setTimeout(() => process.exit(7), 50); await writeWhole('${pipe}', 'x')`).status).toBe(
      7,
    )
  })

  it('and a device, also behind a link; a full one is an error', async ({ skip }) => {
    const at = place()
    const [nothing, full] = [node(join(at, 'null'), 'c', '1', '3'), node(join(at, 'full'), 'c', '1', '7')]
    if (!nothing || !full) return skip('mknod makes no device here')
    symlinkSync('null', join(at, 'link'))
    await writeWhole(nothing, 'x')
    await writeWhole(join(at, 'link'), pieces('x', 'y'))
    await expect(writeWhole(full, 'x')).rejects.toThrow(/full: cannot be written: no space is left/)
    for (const device of [nothing, full]) expect(lstatSync(device).isCharacterDevice()).toBe(true)
    expect(readdirSync(at).sort()).toEqual(['full', 'link', 'null'])
  })

  it.each(['/dev/fd', '/proc/self/fd', `/proc/${process.pid}/fd`])('and a descriptor in %s', async (fds) => {
    if (!existsSync(fds)) return
    const at = join(place(), 'file')
    const descriptor = openSync(at, 'w')
    await writeWhole(`${fds}/${descriptor}`, pieces('one', 'two'))
    closeSync(descriptor)
    expect(readFileSync(at, 'utf8')).toBe('onetwo')
    await expect(writeWhole(`${fds}/${descriptor}`, '')).rejects.toThrow(OutputError)
  })

  it('but not a folder, or into none', async () => {
    const at = place()
    writeFileSync(join(at, 'file'), '')
    for (const path of [at, `${at}/`, join(at, 'new/'), '', '.']) {
      await expect(writeWhole(path, ''), path).rejects.toThrow(/is a folder, expected the name of a file/)
    }
    await expect(writeWhole(join(at, 'absent/x/file'), '')).rejects.toThrow(`${at}/absent/x; make it first`)
    await expect(writeWhole(join(at, 'file/x'), '')).rejects.toThrow(/file\/x: .*no folder/)
    await expect(writeWhole(join(at, 'x'.repeat(300)), '')).rejects.toThrow(/name is too long/)
    expect(readdirSync(at)).toEqual(['file'])
  })
})

describe('an input', () => {
  it('is no output: the same file by its name, a link, a hard link, a descriptor, or in a folder', async () => {
    const at = place()
    const input = join(at, 'input')
    writeFileSync(input, 'kept')
    symlinkSync('input', join(at, 'link'))
    linkSync(input, join(at, 'hard'))
    mkdirSync(join(at, 'run/checkpoint'), { recursive: true })
    linkSync(input, join(at, 'run/checkpoint/state'))
    for (const path of ['input', `../${basename(at)}/input`, 'link', 'hard', 'run/checkpoint/state']) {
      await expect(checkOutput(join(at, path), [join(at, 'absent'), input]), path).rejects.toThrow(
        /an input of this command/,
      )
    }
    await expect(checkOutput(input, [join(at, 'run')])).rejects.toThrow(/is .*state, an input/)
    const descriptor = openSync(input, 'a')
    await expect(checkOutput(`/dev/fd/${descriptor}`, [input])).rejects.toThrow(/an input/)
    closeSync(descriptor)
    await checkOutput(join(at, 'other'), [input, join(at, 'run')])
  })
})

/** Another process, in which `writeWhole` is there. */
function inProcess(program: string) {
  const files = new URL('../src/files.ts', import.meta.url).href
  const text = `import { readdirSync } from 'node:fs'; import { writeWhole } from '${files}'; ${program}`
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', text]
  return spawnSync(process.execPath, args, { encoding: 'utf8' })
}

describe('temporary files', () => {
  /** Writes the half of a file, says what is there meanwhile, and then ends as it is told to. */
  const halfWritten = (at: string, end: string) =>
    inProcess(`async function* content() {
      yield 'half'
      await new Promise((done) => setTimeout(done, 50))
      console.log(readdirSync('${at}').join())
      ${end}
      yield 'rest'
    }
    await writeWhole('${at}/file', content())`)

  it('go when the process exits; those of a killed one the next time that the folder is written to', async () => {
    const at = place()
    const exited = halfWritten(at, 'process.exit(5)')
    expect(exited.status).toBe(5)
    expect(exited.stdout).toMatch(/^file\.\d+-\d*-[0-9a-f]{8}-[0-9a-f]{8}\.tmp\n$/)
    expect(readdirSync(at)).toEqual([])
    const killed = halfWritten(at, `process.kill(process.pid, 'SIGKILL')`)
    expect(killed.signal).toBe('SIGKILL')
    expect(readdirSync(at)).toEqual([killed.stdout.trim()])
    await writeWhole(join(at, 'another'), 'x')
    expect(readdirSync(at)).toEqual(['another'])
  })

  it('of processes that live, or of other machines, stay; for a day', async () => {
    const at = place()
    const seen = halfWritten(at, 'process.exit(0)').stdout
    const machine = /-([0-9a-f]{8})-[0-9a-f]{8}\.tmp/.exec(seen)![1]
    const other = machine.replace(/./g, (digit) => (digit === '0' ? '1' : '0'))
    const dead = spawnSync('true').pid
    const names = {
      living: `a.${process.pid}--${machine}-00000000.tmp`,
      elsewhere: `b.${dead}--${other}-00000000.tmp`,
      old: `c.${dead}--${other}-00000000.tmp`,
      dead: `d.${dead}--${machine}-00000000.tmp`,
      others: `e.${dead}.tmp`,
      // The number of this process, which did not start then: in a container every process may have the same one.
      ...(existsSync('/proc/self/stat') && { reborn: `f.${process.pid}-1-${machine}-00000000.tmp` }),
    }
    for (const name of Object.values(names)) writeFileSync(join(at, name), '')
    const days = (count: number) => new Date(Date.now() - count * 24 * 3600 * 1000)
    utimesSync(join(at, names.elsewhere), days(0.9), days(0.9))
    utimesSync(join(at, names.old), days(1.1), days(1.1))
    await writeWhole(join(at, 'z'), '')
    expect(readdirSync(at).sort()).toEqual([names.living, names.elsewhere, names.others, 'z'])
  })

  it.skipIf(!isRoot)(
    'are not asked for where nothing may be written (skipped: not root)',
    async ({ skip }) => {
      const at = place()
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', at])
      if (mounted.status !== 0) return skip('nothing can be mounted here')
      try {
        await expect(writeWhole(join(at, 'file'), 'x')).rejects.toThrow(/the file system is read-only/)
      } finally {
        execFileSync('umount', [at])
      }
    },
  )
})
