// `embed`: rows in the order of the files, on stdout and in each kind of file; what failed among them.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { load } from '../../runtimes/node/load.ts'
import { readStructureFile } from '../../src/crystal/file.ts'
import { cli, example, fixture, temporaryFolder } from './run.ts'

const folder = temporaryFolder()
const model = join(folder, 'tiny.onnx')
const plain = join(folder, 'plain.onnx')
const empty = join(folder, 'empty.cif')
const files = [example('NaCl.cif'), empty, example('alkali-halides.extxyz')]
/** Embeddings of the files' structures, with undefined for the empty one. */
let expected: (number[] | undefined)[]

beforeAll(async () => {
  writeFileSync(empty, '')
  const weights = fixture('golden/crystalformer_tiny_perturbed.safetensors')
  const exported = await Promise.all([
    cli('export', weights, '-o', model, '--outputs', 'embedding,attention', '--json'),
    cli('export', weights, '-o', plain, '--json'),
  ])
  expect(exported.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ])
  const opened = await load(model, { device: 'cpu', threads: 1, worker: false })
  const entries = [...(await readStructureFile(files[0])), undefined, ...(await readStructureFile(files[2]))]
  expected = []
  for (const entry of entries) expected.push(entry && [...(await opened.embed(entry.structure))])
  await opened.dispose()
})

/** Batches are summed in another order than single crystals. */
function expectClose(found: ArrayLike<number>, wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length)
  wanted.forEach((x, c) => {
    expect(found[c]).toBeCloseTo(x, 5)
  })
}

describe('embed', () => {
  it('prints a JSON line for every structure', async () => {
    const { code, stdout } = await cli('embed', ...files, '--model', model)
    expect(code).toBe(3)
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ file, index }) => [file, index])).toEqual([
      [files[0], 0],
      [files[1], 0],
      ...expected.slice(2).map((_, n) => [files[2], n]),
    ])
    for (const [n, line] of lines.entries()) {
      if (expected[n]) expectClose(line.embedding, expected[n])
      else expect(line.error.code).toBe('PARSE')
    }
  })

  it('writes a matrix that numpy reads, with a row of NaN for what failed', async () => {
    const out = join(folder, 'features.npy')
    const { code, lines } = await cli('embed', ...files, '-m', model, '-o', out, '--json')
    expect(code).toBe(3)
    expect(lines.at(-1)).toEqual({ file: out, rows: expected.length, columns: 32 })
    // The format: \x93NUMPY, version 1.0, length of the header, header, data at a multiple of 64.
    const bytes = readFileSync(out)
    expect([...bytes.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
    const start = 10 + bytes.readUInt16LE(8)
    expect(start % 64).toBe(0)
    expect(bytes.toString('latin1', 10, start)).toMatch(
      new RegExp(
        `^\\{'descr': '<f4', 'fortran_order': False, 'shape': \\(${expected.length}, 32\\), \\} *\\n$`,
      ),
    )
    expect(bytes.length).toBe(start + 4 * 32 * expected.length)
    for (const [n, wanted] of expected.entries()) {
      const row = Array.from({ length: 32 }, (_, c) => bytes.readFloatLE(start + 4 * (32 * n + c)))
      if (wanted) expectClose(row, wanted)
      else expect(row.every(Number.isNaN)).toBe(true)
    }
  })

  it('writes comma-separated values and JSON lines', async () => {
    const [csv, jsonl] = ['features.csv', 'features.jsonl'].map((name) => join(folder, name))
    const runs = await Promise.all([csv, jsonl].map((out) => cli('embed', ...files, '-m', model, '-o', out)))
    expect(runs.map(({ code }) => code)).toEqual([3, 3])
    expect(runs[0].stdout).toContain(`${expected.length} structures, 32 features`)
    const [head, ...rows] = readFileSync(csv, 'utf8').trim().split('\n')
    expect(head.split(',').slice(0, 5)).toEqual(['file', 'index', 'formula', 'error', 'e0'])
    expect(rows).toHaveLength(expected.length)
    expectClose(rows[0].split(',').slice(4).map(Number), expected[0]!)
    expect(rows[1]).toMatch(/empty.*,{32}$/)
    const lines = readFileSync(jsonl, 'utf8').trim().split('\n')
    expect(lines).toHaveLength(expected.length)
    expectClose(JSON.parse(lines[0]).embedding, expected[0]!)
    expect(JSON.parse(lines[1]).error.code).toBe('PARSE')
  })

  it('refuses other names, and models without embeddings, and then writes nothing', async () => {
    const [usage, refused] = await Promise.all([
      cli('embed', files[0], '-m', model, '-o', join(folder, 'never.txt')),
      cli('embed', files[0], '-m', plain, '-o', join(folder, 'never.npy'), '--json'),
    ])
    expect(usage.code).toBe(2)
    expect(usage.stderr).toMatch(/\.jsonl, \.csv, \.npy/)
    expect(refused.code).toBe(1)
    expect(refused.lines[0].error).toMatchObject({ code: 'CONFIG' })
    expect(refused.lines[0].error.message).toMatch(/--outputs embedding/)
    expect(readdirSync(folder).filter((name) => name.includes('never'))).toEqual([])
  })
})

describe('export --outputs', () => {
  it('refuses what it does not know', async () => {
    const { code, stderr } = await cli(
      'export',
      'weights',
      '-o',
      'm.onnx',
      '--outputs',
      'embedding,gradients',
    )
    expect(code).toBe(2)
    expect(stderr).toMatch(/attention or embedding/)
  })
})
