// Standard output and standard error that are closed, full, or read no further; and outputs that are standard output.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { inferConfig } from '../../models/registry.ts'
import { readSafetensors } from '../../models/safetensors.ts'
import { loadDataset, writeDataset } from '../../src/data/dataset.ts'
import { generateIonicDataset } from '../../src/data/ionic/generate.ts'
import { writeWhole } from '../../src/files.ts'
import { fixture, shell, temporaryFolder } from '../cli/run.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder, name)
/** In a script, F is the folder. */
const inShell = (script: string) => shell(script, { F: folder })
const full = spawnSync('mknod', [at('full'), 'c', '1', '7']).status === 0
const NO_SPACE = 'cannot be written: no space is left on the device\n'

beforeAll(async () => {
  const crystals = [...generateIonicDataset({ count: 100, seed: 1 })]
  const copies = Array.from({ length: 15 }, (_, n) => crystals.map((c) => ({ ...c, id: `${c.id}-${n}` })))
  await writeDataset(at('many.jsonl'), copies.flat())
  await writeDataset(at('some.jsonl'), crystals.slice(0, 40))
  const { tensors } = readSafetensors(
    readFileSync(fixture('golden/crystalformer_tiny_perturbed.safetensors')),
    'weights',
  )
  const { bytes } = await exportCrystalModel({
    weights: tensors,
    config: inferConfig(tensors, {}),
    targets: [{ name: 'e', unit: 'eV', mean: 0, std: 1 }],
    outputs: ['embedding'],
  })
  await writeWhole(at('m.onnx'), bytes)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a reader that leaves', () => {
  it.each([
    'structure "$F/many.jsonl" --json',
    'predict "$F/many.jsonl" -m "$F/m.onnx" --csv --device cpu',
    'embed "$F/many.jsonl" -m "$F/m.onnx" --device cpu',
    'data convert "$F/many.jsonl" -o /dev/stdout',
  ])('ends %s without a word, with 0', async (line) => {
    const { stdout, stderr } = await inShell(`cx ${line} | head -c 20 >/dev/null; echo \${PIPESTATUS[0]}`)
    expect([stdout, stderr]).toEqual(['0\n', ''])
  })

  it('keeps no file from being written', async () => {
    writeFileSync(at('bad.jsonl'), `{}\n${readFileSync(at('some.jsonl'), 'utf8')}`)
    const { stdout, stderr } = await inShell(
      `cx data convert "$F/bad.jsonl" -o "$F/out.jsonl" --json | true; echo \${PIPESTATUS[0]}`,
    )
    expect(stdout).toBe('3\n')
    expect(stderr).toMatch(/^error .*bad\.jsonl, line 1: .*\n$/)
    expect(await loadDataset(at('out.jsonl'))).toHaveLength(40)
  })
})

describe.skipIf(!full)('a full disk (skipped: mknod makes no device here)', () => {
  it.each([
    ['structure "$F/some.jsonl" --json', 'standard output'],
    ['--help', 'standard output'],
    ['data convert "$F/some.jsonl" -o /dev/stdout', '/dev/stdout'],
  ])('under standard output of %s is one line and 1', async (line, name) => {
    const { code, stderr } = await inShell(`cx ${line} > "$F/full"`)
    expect([code, stderr]).toEqual([1, `error ${name}: ${NO_SPACE}`])
  })
})

it('notices that a disk takes only a part of the last line', async () => {
  const { code, stderr } = await inShell('ulimit -f 1; cx inspect "$F/m.onnx" --json > "$F/short"')
  expect(readFileSync(at('short')).length).toBe(1024)
  expect(code).toBe(1)
  expect(stderr).toBe(
    'error standard output: cannot be written: it would be larger than a file may be here\n',
  )
})

it('loses no result where standard error is closed or full, and no message where standard output is', async () => {
  const files = '"$F/absent.cif" "$F/some.jsonl"'
  const whole = await inShell(`cx structure ${files} --json`)
  expect(whole.stdout.trim().split('\n')).toHaveLength(41)
  for (const redirection of ['2>&-', ...(full ? ['2> "$F/full"'] : [])]) {
    const { code, stdout } = await inShell(`cx structure ${files} --json ${redirection}`)
    expect([code, stdout], redirection).toEqual([3, whole.stdout])
  }
  const closed = await inShell(`cx structure ${files} >&-`)
  expect([closed.code, closed.stderr]).toEqual([3, whole.stderr])
})

it('trains to the end when nobody reads what it says, or the disk is full', async () => {
  const train = (run: string) =>
    `cx train "$F/some.jsonl" --target lattice_energy --epochs 2 --swa-epochs 1 --threads 1 --json -o "$F/${run}"`
  const nobody = await inShell(`${train('run')} 2> >(true) | true; echo \${PIPESTATUS[0]}`)
  expect([nobody.stdout, nobody.stderr]).toEqual(['0\n', ''])
  expect(readdirSync(at('run')).sort()).toEqual([
    ...['checkpoint', 'config.json', 'evaluation.json', 'metrics.jsonl', 'report.html'],
    'weights.safetensors',
  ])
  if (!full) return
  const noSpace = await inShell(`${train('run-2')} > "$F/full"`)
  expect(noSpace.code).toBe(1)
  expect(noSpace.stderr.match(/^error .*\n/gm)).toEqual([`error standard output: ${NO_SPACE}`])
  expect(readFileSync(at('run-2/weights.safetensors'))).toEqual(readFileSync(at('run/weights.safetensors')))
})

describe('/dev/stdout as an output', () => {
  it('holds the output and nothing else, through a pipe and in a file', async () => {
    const expected = readFileSync(at('some.jsonl'), 'utf8')
    const piped = await inShell('cx data convert "$F/some.jsonl" -o /dev/stdout --json | cat')
    expect(piped.stdout).toBe(expected)
    expect(JSON.parse(piped.stderr)).toEqual({ file: '/dev/stdout', crystals: 40 })
    const file = await inShell('cx data convert "$F/some.jsonl" -o /proc/self/fd/1 > "$F/file"')
    expect([file.code, file.stderr]).toEqual([0, '/proc/self/fd/1: 40 crystals\n'])
    expect(readFileSync(at('file'), 'utf8')).toBe(expected)
  })

  it('takes embeddings as JSON lines, as does any descriptor', async () => {
    const line = 'cx embed "$F/some.jsonl" -m "$F/m.onnx" --device cpu -o /dev/fd/3 3> "$F/three" >/dev/null'
    expect((await inShell(line)).code).toBe(0)
    const rows = readFileSync(at('three'), 'utf8').trim().split('\n')
    expect(rows.map((row) => JSON.parse(row).index)).toEqual(Array.from({ length: 40 }, (_, n) => n))
  })
})
