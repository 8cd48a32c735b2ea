// The commands for data sets as a script sees them: stdout, stderr, files and exit codes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { strToU8, zipSync } from 'fflate'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadDataset, writeDataset } from '../../src/data/dataset.ts'
import { generateIonicDataset } from '../../src/data/ionic/generate.ts'
import { cif, jarvisAtoms, quoted } from '../data/formats/forms.ts'
import { CLI, cli, cliWith, temporaryFolder } from './run.ts'

const folder = temporaryFolder()
const csv = join(folder, 'set.csv')
const ionic = join(folder, 'ionic.jsonl.gz')
/** Ten sound rows; each crystal of its own size. */
const ROWS = Array.from({ length: 10 }, (_, i) => `mp-${i},${i / 10},CsCl,${quoted(cif(4 + i / 5))}`)

beforeAll(async () => {
  writeFileSync(csv, ['material_id,e_form,formula,cif', ...ROWS].join('\n'))
  await writeDataset(ionic, generateIonicDataset({ count: 200, seed: 1 }))
})

describe('data check', () => {
  it('prints one object, and exits with 0 where nothing is wrong', async () => {
    const report = join(folder, 'report.html')
    const { code, lines, stdout } = await cli('data', 'check', csv, '--json', '--html', report)
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(lines[0]).toMatchObject({ file: csv, crystals: 10, elements: { Cs: 10, Cl: 10 } })
    expect(lines[0].targets.map(({ name }: { name: string }) => name)).toEqual(['e_form'])
    expect(readFileSync(report, 'utf8')).toContain('Data check')
  })

  it('exits with 3 for problems, and lists them', async () => {
    const bad = join(folder, 'bad.csv')
    const rows = [
      'id,e_form,split,cif',
      `a,1,train,${quoted(cif())}`,
      `b,1,test,${quoted(cif())}`,
      'c,1,train,"x"',
    ]
    writeFileSync(bad, rows.join('\n'))
    const { code, lines } = await cli('data', 'check', bad, '--json')
    expect(code).toBe(3)
    const problems = lines[0].findings.filter(({ severity }: { severity: string }) => severity === 'problem')
    expect(problems.map(({ kind }: { kind: string }) => kind)).toEqual(['unreadable', 'leak', 'constant'])
    expect(problems[0].cases[0].detail).toContain('record 3')
    expect(problems[1].cases[0].crystals).toEqual(['a', 'b'])
    const human = await cli('data', 'check', bad)
    expect(human.stdout).toContain('3 problems to look at before training')
  })

  it('says that nothing can be learned from crystals without a number', async () => {
    const lattice = [[4, 0, 0], [0, 4, 0], [0, 0, 4]] // biome-ignore format: one line
    const file = join(folder, 'bare.jsonl')
    writeFileSync(file, JSON.stringify({ id: 'a', lattice, frac: [[0, 0, 0]], numbers: [11] }))
    const { code, stdout } = await cli('data', 'check', file)
    expect(stdout).toMatch(/no crystal has a number beside it/)
    expect(code).toBe(3)
  })

  it('exits with 1 for what is no data set', async () => {
    const { code, lines } = await cli('data', 'check', join(folder, 'absent.csv'), '--json')
    expect(code).toBe(1)
    expect(lines[0].error).toEqual({ code: 'DATASET', message: expect.stringContaining('no such file') })
  })
})

describe('data convert', () => {
  it('writes JSON lines, with a split by formula', async () => {
    const out = join(folder, 'out.jsonl.gz')
    const { code, lines } = await cli(
      ...['data', 'convert', ionic, '-o', out, '--split', '0.6/0.2/0.2', '--group-by', 'formula', '--json'],
    )
    expect(code).toBe(0)
    expect(lines).toEqual([{ file: out, crystals: 200 }])
    const crystals = await loadDataset(out)
    expect(crystals.filter(({ split }) => split === 'test').length).toBeCloseTo(40, -1)
    expect(new Set(crystals.map(({ split }) => split)).size).toBe(3)
  })

  it('reports bad records, writes the rest, and exits with 3', async () => {
    const bad = join(folder, 'one-bad.csv')
    writeFileSync(bad, ['material_id,e_form,formula,cif', ...ROWS, 'mp-x,1,CsCl,rubbish'].join('\n'))
    const out = join(folder, 'rest.jsonl')
    const { code, lines, stderr } = await cli(
      ...['data', 'convert', bad, '-o', out, '--target', 'e_form', '--primitive', '--json'],
    )
    expect(code).toBe(3)
    expect(lines[0]).toEqual({
      file: bad,
      error: { code: 'DATASET', message: expect.stringContaining('record 11') },
    })
    expect(lines[1]).toEqual({ file: out, crystals: 10 })
    expect(stderr).toContain('targets are kept as they are')
    expect((await loadDataset(out))[3]).toMatchObject({ id: 'mp-3', targets: { e_form: 0.3 } })
  })

  it('leaves no file where nothing could be read, and refuses shares that do not add up', async () => {
    const out = join(folder, 'never.jsonl')
    expect((await cli('data', 'convert', csv, '-o', out, '--target', 'gap')).code).toBe(1)
    expect((await cli('data', 'convert', csv, '-o', out, '--split', '0.8/0.1')).code).toBe(2)
    expect(readdirSync(folder).filter((name) => name.includes('never'))).toEqual([])
  })
})

describe('data substitute', () => {
  it('writes new crystals, none of an excluded system, and counts what it left out', async () => {
    const [out, list] = [join(folder, 'sub.jsonl'), join(folder, 'systems.txt')]
    writeFileSync(list, 'K-F\nLi-F\n')
    const options = ['--count', '60', '--seed', '3', '--kept', '0.6', '--near', '0.4', '--json']
    const ran = await cli('data', 'substitute', ionic, '-o', out, '--exclude-systems', list, ...options)
    expect([ran.code, ran.lines.length]).toEqual([0, 1])
    expect(ran.lines[0]).toMatchObject({
      file: out,
      crystals: 60,
      seed: 3,
      left_out: { 'too-many-atoms': expect.any(Number) },
    })
    const crystals = await loadDataset(out)
    expect(crystals).toHaveLength(60)
    const systems = crystals.map(({ structure }) =>
      [...new Set(structure.species.map(([o]) => o.element))].sort().join(),
    )
    expect(systems).not.toContain('19,9')
    expect(systems).not.toContain('3,9')
  })
})

describe('data fetch', () => {
  it('lists the sources, and refuses a name that is none', async () => {
    const { code, lines } = await cli('data', 'fetch', '--json')
    expect(code).toBe(0)
    expect(lines.find(({ name }) => name === 'perov-5')).toMatchObject({ crystals: 18_928 })
    const unknown = await cli('data', 'fetch', 'nonsense')
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('jarvis-dft3d')
  })

  it('writes what a server sends, says what it is, and exits with 3 for records left out', async () => {
    const records = Array.from({ length: 200 }, (_, i) => ({
      id: `mp-${i}`,
      atoms: jarvisAtoms(4 + i / 1000),
      e_form: i,
      'gap pbe': 'na',
    }))
    const archive = join(folder, 'answer.zip')
    writeFileSync(archive, zipSync({ 'megnet.json': strToU8(JSON.stringify([...records, records[0]])) }))
    // The command as it is, with a fetch that answers from a file.
    const preload = join(folder, 'preload.mjs')
    const body = `readFileSync(${JSON.stringify(archive)})`
    const answers = `import { readFileSync } from 'node:fs'\nglobalThis.fetch = async () => new Response(${body})\n`
    writeFileSync(preload, answers)
    const out = join(folder, 'megnet.jsonl')
    const fetched = await cliWith(
      { NODE_OPTIONS: `--import ${preload}` },
      'data',
      'fetch',
      'jarvis-megnet',
      '-o',
      out,
    )
    expect(fetched.stdout).toContain('200 of 69239 published crystals, with e_form (eV/atom), gap pbe (eV)')
    expect(fetched.stderr).toMatch(/Chem. Mater. 31, 3564/)
    expect(fetched.stderr).toMatch(/record 201 .*id "mp-0" stands on record 1/)
    expect(fetched.stderr).toMatch(/no checksum is published; its sha256 is [0-9a-f]{64}/)
    expect(fetched.code).toBe(3)
    expect((await loadDataset(out)).map(({ targets }) => targets.e_form)).toEqual(
      records.map((r) => r.e_form),
    )
  })
})

describe('train', () => {
  it('takes CSV, and says what is wrong with it before it starts', async () => {
    const leaking = join(folder, 'leaking.csv')
    const rows = Array.from({ length: 12 }, (_, i) => {
      const split = i < 8 ? 'train' : i < 10 ? 'val' : 'test'
      // The last is a copy of the first.
      return `m-${i},${i / 10},${split},${quoted(cif(i === 11 ? 4 : 4 + i / 5))}`
    })
    writeFileSync(leaking, ['material_id,e_form,split,cif', ...rows].join('\n'))
    const run = join(folder, 'run')
    const { code, stderr } = await cli(
      ...[
        'train',
        leaking,
        '--target',
        'e_form',
        '-o',
        run,
        '--epochs',
        '1',
        '--swa-epochs',
        '0',
        '--backend',
        'cpu',
      ],
    )
    expect(stderr).toContain('12 crystals (8 train, 2 val, 2 test), 2 sites, 2 elements')
    expect(stderr).toContain('1 test crystal cannot be told apart from one in train')
    expect(code).toBe(0)
    expect(existsSync(join(run, 'report.html'))).toBe(true)
  })
})

describe('data label', () => {
  it('gives the same file when it is killed at random moments and started again, and leaves no process', async () => {
    const [log, set] = [join(folder, 'label.log'), join(folder, 'to-label.jsonl')]
    await writeDataset(set, generateIonicDataset({ count: 60, seed: 2, maxAtoms: 6 }))
    const script = fileURLToPath(new URL('../data/label/pair-potential.mjs', import.meta.url))
    const program = (...flags: string[]) => [process.execPath, script, '--name', 'pair', ...flags].join(' ')
    const label = (out: string, command: string) => [
      'data',
      'label',
      set,
      '-o',
      out,
      '--target',
      'e',
      '--command',
      command,
      '--workers',
      '2',
      '--in-flight',
      '3',
    ]
    const [straight, broken] = ['straight.jsonl', 'broken.jsonl'].map((name) => join(folder, name))
    const whole = await cli(...label(straight, program()), '--json')
    expect([whole.code, whole.lines]).toEqual([
      0,
      [{ file: straight, crystals: 60, labelled: 60, errors: 0, source: 'pair, none', references: null }],
    ])

    const slow = program('--delay', '40', '--log', log)
    const asked = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])
    const signals = ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGINT', 'SIGKILL'] as const
    for (const [n, signal] of signals.entries()) {
      const before = asked().length
      const child = spawn(process.execPath, [CLI, ...label(broken, slow)])
      const closed = once(child, 'close')
      // Each time a little longer after the first question of the run.
      while (asked().length < before + 3 + n) await sleep(5 + n)
      child.kill(signal)
      await closed
    }
    expect(existsSync(broken)).toBe(false)
    const last = await cli(...label(broken, slow))
    expect(last.code).toBe(0)
    expect(readFileSync(broken, 'utf8')).toBe(readFileSync(straight, 'utf8'))
    const lines = asked()
    // What was in flight at a kill is asked again, and nothing else: at most 2 × 3 crystals each time.
    expect(lines.length).toBeLessThanOrEqual(60 + 6 * signals.length)
    expect(new Set(lines.map((line) => line.split(' ')[0])).size).toBe(60)
    // A process whose parent was killed ends when it finds its input closed, and then waits for the system to see it off.
    const processes = [...new Set(lines.map((line) => line.split(' ')[1]))]
    await expect
      .poll(() => processes.filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 10_000 })
      .toEqual([])
  }, 120_000)
})
