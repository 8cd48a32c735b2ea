// The contract of docs/cli.md, through real processes: what goes to stdout, what to stderr, and exit codes.

import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { DIAMOND, poscar } from '../outside.ts'
import { cli, example, fixture, temporaryFolder } from './run.ts'

const folder = temporaryFolder()
const model = join(folder, 'tiny.onnx')
const demonstration = fileURLToPath(
  new URL('../../web/public/models/ionic-crystalformer.onnx', import.meta.url),
)
const empty = join(folder, 'empty.cif')
const binary = join(folder, 'binary.cif')
const huge = join(folder, 'huge.cif')
const bad = join(folder, 'bad.cif')

beforeAll(async () => {
  writeFileSync(empty, '')
  writeFileSync(
    binary,
    Uint8Array.from({ length: 4096 }, (_, i) => (i * 197) % 256),
  )
  writeFileSync(huge, '')
  truncateSync(huge, 200 * 2 ** 20)
  writeFileSync(bad, readFileSync(example('NaCl.cif'), 'utf8').replace('Cl1- 1/2', 'Cl1- 0.5O'))
  const weights = fixture('golden/crystalformer_tiny_perturbed.safetensors')
  const exported = await cli(
    ...['export', weights, '-o', model, '--property', 'e_form', '--unit', 'eV/atom'],
    ...['--mean', '-1.4', '--std', '1.1', '--json'],
  )
  expect(exported.stderr).toBe('')
  expect(exported.code).toBe(0)
  expect(exported.lines).toHaveLength(1)
  expect(exported.lines[0]).toMatchObject({ file: model, opset: 17 })
  expect(exported.lines[0].golden.max_rel).toBeLessThan(1e-5)
})

describe('predict', () => {
  it('reports a bad file, predicts the rest, and exits with 3', async () => {
    const files = [
      example('NaCl.cif'),
      empty,
      binary,
      huge,
      bad,
      join(folder, 'absent.cif'),
      example('MgO.vasp'),
    ]
    const { code, lines } = await cli('predict', ...files, '--model', model, '--json')
    expect(code).toBe(3)
    expect(lines.map((line) => line.file)).toEqual(files)
    const [nacl, ...rest] = lines
    expect(nacl).toMatchObject({ index: 0, property: 'e_form', unit: 'eV/atom', device: 'cpu' })
    expect(nacl.value).toHaveLength(1)
    for (const failed of rest.slice(0, 5)) {
      expect(failed.error.code).toMatch(/^(PARSE|LIMIT)$/)
      expect(failed.error.message).toContain(failed.file)
    }
    expect(rest[5].value[0]).toBeTypeOf('number')
    expect(nacl).toMatchObject({ domain: null, interval: null, engine: 'fused' })
  })

  it('says what a demonstration cannot be trusted with, and refuses that with --strict', async () => {
    const files = {
      Fe: [
        2.87,
        [
          [0, 0, 0],
          [0.5, 0.5, 0.5],
        ],
      ],
      C: [3.567, DIAMOND],
      He: [20, [[0, 0, 0]]],
    } as const
    const paths = Object.entries(files).map(([element, [a, atoms]]) => {
      writeFileSync(join(folder, `${element}.vasp`), poscar(element, a, atoms))
      return join(folder, `${element}.vasp`)
    })
    const all = [example('NaCl.cif'), ...paths, example('TiO2-rutile.cif')]
    const told = await cli('predict', ...all, '-m', demonstration, '--level', '0.8', '--json')
    expect(told.code).toBe(0)
    expect(told.stderr).toContain('is a demonstration')
    expect(told.lines.map(({ domain }) => domain.inside)).toEqual([true, false, false, false, false])
    expect(told.lines[3].domain.reasons).toContain('element He was never seen')
    for (const { value, interval } of told.lines) {
      expect(interval).toEqual({ level: 0.8, low: [expect.any(Number)], high: [expect.any(Number)] })
      expect(interval.low[0]).toBeLessThan(value[0])
    }
    const strict = await cli('predict', ...all, '-m', demonstration, '--strict', '--json')
    expect(strict.code).toBe(3)
    expect(strict.lines.map(({ error }) => error?.code)).toEqual([undefined, ...Array(4).fill('DOMAIN')])
    expect(strict.lines[2].error.message).toContain('element C was never seen')
  })

  it('refuses --strict where the domain is unknown', async () => {
    const { code, lines } = await cli('predict', example('NaCl.cif'), '-m', model, '--strict', '--json')
    expect(code).toBe(1)
    expect(lines[0].error).toEqual({ code: 'DOMAIN', message: expect.stringContaining('--domain DATA') })
  })

  it('writes comma-separated values', async () => {
    const { code, stdout } = await cli('predict', example('NaCl.cif'), '-m', model, '--csv')
    expect(code).toBe(0)
    const [head, row] = stdout.trim().split('\n')
    expect(head).toBe(
      'file,index,formula,property,value,unit,low,high,domain,score,reasons,spread,device,ms,error',
    )
    expect(row.split(',')).toHaveLength(15)
    expect(row.split(',').slice(6, 11)).toEqual(['', '', 'unknown', '', ''])
  })

  it('refuses a truncated model and a file that is none', async () => {
    const truncated = join(folder, 'truncated.onnx')
    writeFileSync(truncated, readFileSync(model).subarray(0, 20_000))
    for (const file of [truncated, example('NaCl.cif'), huge]) {
      const { code, lines } = await cli('predict', example('NaCl.cif'), '--model', file, '--json')
      expect(code).toBe(1)
      expect(lines).toEqual([
        { error: { code: expect.any(String), message: expect.stringContaining(basename(file)) } },
      ])
      expect(lines[0].error.code).toMatch(/^(MODEL_FILE|LIMIT)$/)
    }
  })
})

describe('structure', () => {
  it('prints a line per structure', async () => {
    const { code, lines } = await cli('structure', example('NaCl.cif'), '--json')
    expect(code).toBe(0)
    expect(lines).toHaveLength(1)
    const [line] = lines
    expect(line).toMatchObject({ index: 0, n_sites: 8, ordered: true })
    expect(line.volume).toBeCloseTo(5.64 ** 3, 0)
    expect(line.species.toSorted()).toEqual([...Array(4).fill('Cl'), ...Array(4).fill('Na')])
  })

  it('exits with 1 when every input failed', async () => {
    const { code, lines, stderr } = await cli('structure', empty, '--json')
    expect(code).toBe(1)
    expect(lines[0].error.code).toBe('PARSE')
    expect(stderr).toContain('empty')
  })
})

describe('export', () => {
  it('writes nothing when the weights do not fit', async () => {
    const out = join(folder, 'never.onnx')
    const cut = join(folder, 'cut.safetensors')
    writeFileSync(
      cut,
      readFileSync(fixture('golden/crystalformer_tiny_perturbed.safetensors')).subarray(0, 50_000),
    )
    for (const weights of [cut, example('NaCl.cif'), fixture('golden/crystalformer_tiny_init.safetensors')]) {
      const { code, lines } = await cli('export', weights, '-o', out, '--json')
      expect(code).toBe(1)
      expect(lines[0].error.code).toBe('WEIGHTS')
    }
    const plain = fixture('golden/crystalformer_tiny_perturbed.safetensors')
    const other = await cli('export', plain, '-o', out, '--architecture', 'crystalframer', '--json')
    expect(other.code).toBe(1)
    expect(other.lines[0].error).toEqual({
      code: 'WEIGHTS',
      message: expect.stringContaining('crystalformer'),
    })
    expect(existsSync(out)).toBe(false)
    expect(readdirSync(folder).filter((name) => name.includes('never'))).toEqual([])
  })
})

describe('inspect and verify', () => {
  it('shows the card and the graph', async () => {
    const { code, lines } = await cli('inspect', model, '--json')
    expect(code).toBe(0)
    expect(lines[0].card.targets).toEqual([{ name: 'e_form', unit: 'eV/atom', mean: -1.4, std: 1.1 }])
    expect(lines[0].outputs).toEqual([{ name: 'prediction', type: 'float32', shape: ['C', 1] }])
    expect(lines[0].operators.MatMul).toBeGreaterThan(5)
  })

  it('runs every check', async () => {
    const { code, lines } = await cli('verify', model, example('NaCl.cif'), '--json')
    expect(code).toBe(0)
    expect(new Set(lines.map((line) => line.device))).toEqual(
      expect.objectContaining(new Set(['float64', 'float64-graph', 'tfjs', 'cpu'])),
    )
    for (const line of lines) expect(line.rel).toBeLessThan(1e-5)
  })
})

describe('usage', () => {
  it('exits with 2 for a wrong command line, 0 for help', async () => {
    expect((await cli('predict')).code).toBe(2)
    expect((await cli('nonsense')).code).toBe(2)
    const wrong = [
      [['export', 'x', '-o', 'y', '--opset', '99'], /--opset.* 17 to 21/],
      [['export', 'x', '-o', 'y', '--error-bound', '5'], /--error-bound/],
      [['predict', 'x.cif', '-m', ''], /'-m, --model <file>' is empty/],
      [['predict', ''], /an argument is empty/],
      [['train', 'x', '--target', 'a', 'a'], /a stands there twice/],
      [['train', 'x', '--target', 'a', '--unit', 'eV', 'K'], /2 units for 1 targets/],
    ] as const
    await Promise.all(
      wrong.map(async ([args, message]) => {
        const { code, stderr } = await cli(...args)
        expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
      }),
    )
    const help = await cli('predict', '--help')
    expect(help.code).toBe(0)
    expect(help.stdout).toContain('Examples:')
  })
})
