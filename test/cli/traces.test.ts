// What a prediction leaves on a machine: nothing. Every system call of the process, its threads and its children is
// looked at: no file is written, no connection made, no name looked up. CI=true would hide what onnxruntime does.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { withoutTelemetry } from '../../runtimes/node/telemetry.ts'
import { built } from '../built.ts'
import { chain, onDisk } from '../runtimes/models.ts'
import { CLI, example, temporaryFolder } from './run.ts'

const strace = spawnSync('strace', ['-V']).status === 0
const runtimes = pathToFileURL(built('runtimes')).href

interface Trace {
  readonly status: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly home: string
  /** Files opened for writing, made or removed, and addresses connected to. */
  readonly traces: readonly string[]
}

/** Runs Node with an empty home and temporary folder, under strace where it is asked for. */
function run(args: readonly string[], { traced } = { traced: false }): Trace {
  const home = mkdtempSync(join(tmpdir(), 'crystal-onnx-home-'))
  const log = join(temporaryFolder(), 'calls')
  const { CI: _ci, ORT_DISABLE_TELEMETRY: _set, XDG_CACHE_HOME: _cache, ...rest } = process.env
  const env = { ...rest, HOME: home, TMPDIR: home, NO_COLOR: '1' }
  const calls =
    'trace=open,openat,creat,connect,sendto,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2'
  const command = traced
    ? ['strace', '-f', '-qq', '-e', calls, '-o', log, process.execPath]
    : [process.execPath]
  const { status, signal, stdout, stderr } = spawnSync(command[0], [...command.slice(1), ...args], {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    timeout: 110_000,
  })
  const traces = traced ? readFileSync(log, 'utf8').split('\n').filter(leavesSomething) : []
  return { status, signal, stdout, stderr, home, traces }
}

function leavesSomething(call: string): boolean {
  if (/ENOENT|EEXIST|"\/dev\/(null|tty|urandom)"|"\/proc\/self\//.test(call)) return false
  if (/\b(open|openat)\(/.test(call)) return /O_WRONLY|O_RDWR|O_CREAT/.test(call)
  return /\b(creat|connect|sendto|mkdir|mkdirat|unlink|unlinkat|rename\w*)\(/.test(call)
}

const inThread = `
  import { Worker, isMainThread } from 'node:worker_threads'
  const thread = \`
    const { load } = await import(${JSON.stringify(runtimes)})
    const model = await load(${JSON.stringify('MODEL')}, { device: 'cpu' })
    console.log((await model.predict(${JSON.stringify(chain(3)).replaceAll('\\', '\\\\')})).unit)
    await model.dispose()
  \`
  new Worker(new URL('data:text/javascript,' + encodeURIComponent(thread)))
`

describe('a prediction', () => {
  let model: string
  beforeAll(() => {
    model = onDisk()
  })

  it.runIf(strace).each([
    ['from the command line', () => [CLI, 'predict', example('NaCl.cif'), '-m', model]],
    [
      'in a worker thread of a program',
      () => ['--input-type=module', '-e', inThread.replace('MODEL', model)],
    ],
  ])(
    '%s writes no file, connects to nothing and looks up no name',
    (_, args) => {
      const { status, stdout, stderr, home, traces } = run(args(), { traced: true })
      expect(stderr.replace(/^warning the model runs on cpu .*\n/, '')).toBe('')
      expect(stdout).toContain('eV/atom')
      expect(status).toBe(0)
      expect(traces).toEqual([])
      expect(readdirSync(home)).toEqual([])
    },
    120_000,
  )
  it.skipIf(strace)('strace is not installed: that no file is written cannot be seen', () => {})

  // onnxruntime's telemetry matches a regular expression against the command line: 15 kB of it overflow the stack.
  it('takes four hundred file names, in a process of any command line', () => {
    const names = Array.from({ length: 400 }, () => example('NaCl.cif'))
    const predict = run([CLI, 'predict', ...names, '-m', model, '--json'])
    expect(predict).toMatchObject({ status: 0, signal: null })
    expect(predict.stdout.trim().split('\n')).toHaveLength(400)

    const program = `
      const { load } = await import(${JSON.stringify(runtimes)})
      const model = await load(${JSON.stringify(model)}, { device: 'cpu' })
      console.log((await model.predict(${JSON.stringify(chain(2))})).unit)
    `
    const more = Array.from({ length: 30_000 }, (_, n) => `structures/of-a-large-set/entry-${n}.cif`)
    const library = run(['--input-type=module', '-e', program, ...more])
    expect(library).toMatchObject({ status: 0, signal: null, stdout: 'eV/atom\n' })
  })
})

it('leaves telemetry as somebody set it', () => {
  const undecided: NodeJS.ProcessEnv = {}
  withoutTelemetry(undecided)
  expect(undecided).toEqual({ ORT_DISABLE_TELEMETRY: '1' })
  const decided = { ORT_DISABLE_TELEMETRY: '0' }
  withoutTelemetry(decided)
  expect(decided).toEqual({ ORT_DISABLE_TELEMETRY: '0' })
})
