// The models that come with the package, as someone uses them who has a crystal and nothing else.

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cli, example } from './run.ts'

const CRYSTALS = example('../materials-project.jsonl')
/** Of the Materials Project, of crystals in the test split. */
const known = readFileSync(CRYSTALS, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line).targets as Record<'e_form' | 'gap_pbe', number>)

describe('models that come with the package', () => {
  it('are listed with what they predict, how well, and whose data is in them', async () => {
    const { code, lines } = await cli('models', '--json')
    expect(code).toBe(0)
    expect(lines.map(({ name, targets }) => [name, targets[0]])).toEqual([
      ['formation-energy', { name: 'e_form', unit: 'eV/atom' }],
      ['formation-energy-small', { name: 'e_form', unit: 'eV/atom' }],
      ['band-gap', { name: 'gap_pbe', unit: 'eV' }],
    ])
    for (const { file, bytes, elements, metrics, targets, provenance } of lines) {
      expect(existsSync(file)).toBe(true)
      expect(bytes).toBeLessThan(6 * 2 ** 20)
      expect(elements).toBeGreaterThan(80)
      expect(metrics[`test_mae_${targets[0].name}`]).toBeGreaterThan(0)
      expect(provenance).toMatchObject({
        licence: 'CC BY 4.0',
        data: [{ name: expect.stringContaining('Materials Project'), licence: 'CC BY 4.0' }],
        teachers: [{ name: 'CHGNet 0.3.0', licence: 'Modified BSD' }],
      })
    }
  })

  it('predict without --model, which is said, and are as near to the Materials Project as their cards say', async () => {
    const { code, lines, stderr } = await cli('predict', CRYSTALS, '--json')
    expect(code).toBe(0)
    expect(stderr).toContain('model: formation-energy')
    const errors = lines.map(({ value }, n) => Math.abs(value - known[n].e_form))
    expect(lines.map(({ unit }) => unit)).toEqual(known.map(() => 'eV/atom'))
    expect(Math.max(...errors)).toBeLessThan(0.3)
    expect(errors.reduce((a, b) => a + b, 0) / errors.length).toBeLessThan(0.1)
    for (const { interval, value } of lines)
      expect(interval.low[0] < value && value < interval.high[0]).toBe(true)
  })

  it('tell insulators from metals by name', async () => {
    const { lines } = await cli('predict', CRYSTALS, '--model', 'band-gap', '--json')
    expect(lines.map(({ value }) => value[1] > 0.5)).toEqual(known.map(({ gap_pbe }) => gap_pbe > 0.1))
  })

  it('know phases to compare with', async () => {
    const { code, lines, stderr } = await cli('hull', example('NaCl.cif'), '--json')
    expect(code).toBe(0)
    expect(stderr).toMatch(/references: \d{4} phases of the Materials Project/)
    expect(lines[0]).toMatchObject({ formula: 'NaCl' })
    expect(lines[0].e_hull).toBeLessThan(0.1)
    const alone = await cli('hull', example('NaCl.cif'), '--references', 'none', '--json')
    expect(alone.lines[0].decomposition).toEqual([{ formula: 'NaCl', amount: 1 }])
    expect(alone.stderr).not.toContain('references')
  })
})
