// Labels by a program, which runs for real: that each crystal has its own, that nothing is asked twice, and what becomes of
// programs that die, hang, flood and lie.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { structure } from '../../../src/crystal/structure.ts'
import { loadDataset, writeDataset } from '../../../src/data/dataset.ts'
import { generateIonicDataset } from '../../../src/data/ionic/generate.ts'
import { type LabelOptions, labelDataset } from '../../../src/data/label/label.ts'
import { formatLabelledCrystal, type LabelledCrystal, labelledCrystal } from '../../../src/data/labelled.ts'
import { temporaryFolder } from '../../cli/run.ts'

const PROGRAM = fileURLToPath(new URL('pair-potential.mjs', import.meta.url))
const folder = temporaryFolder()
const at = (name: string) => join(folder, name)
const program = (...flags: string[]) =>
  [process.execPath, PROGRAM, ...flags].map((part) => `"${part}"`).join(' ')

/** Small, so that a program has them all at once, and then some. */
const crystals = [...generateIonicDataset({ count: 20, seed: 5, maxAtoms: 8 })].map(
  ({ structure, split }, n): LabelledCrystal =>
    labelledCrystal({ id: `c-${n}`, structure, split, targets: [['old', n]] }),
)
const data = at('data.jsonl')
/** By id, from the program by hand. */
const expected = new Map<string, number>()

beforeAll(async () => {
  await writeDataset(data, crystals)
  const input = crystals.map((crystal) => `${formatLabelledCrystal(crystal)}\n`).join('')
  for (const line of execFileSync(process.execPath, [PROGRAM], { input, encoding: 'utf8' })
    .trim()
    .split('\n')) {
    const { id, value } = JSON.parse(line)
    expected.set(id, value)
  }
})

async function labelled(name: string, options: Partial<LabelOptions>) {
  const out = at(name)
  const summary = await labelDataset(data, out, { command: program(), target: 'e', ...options })
  const byId = new Map((await loadDataset(out)).map((crystal) => [crystal.id, crystal]))
  return { out, summary, byId }
}

/** Ids of the crystals that were asked about, in order. */
function asked(log: string): string[] {
  if (!existsSync(log)) return []
  return readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0])
}

describe('labelDataset', () => {
  it('gives every crystal its label and says who did, in the order of the data', async () => {
    const command = program('--name', 'pair', '--version', '1.2', '--stray')
    const { out, summary, byId } = await labelled('all.jsonl', {
      command,
      workers: 2,
      inFlight: 3,
      unit: 'eV/atom',
    })
    expect([...byId.keys()]).toEqual(crystals.map(({ id }) => id))
    for (const [id, { targets, source, split }] of byId) {
      expect({ ...targets }).toEqual({ old: Number(id.slice(2)), e: expected.get(id) })
      expect([source, split]).toEqual([{ e: 'pair 1.2, none' }, crystals[Number(id.slice(2))].split])
    }
    expect(summary).toMatchObject({ crystals: 20, labelled: 20, errors: 0, source: 'pair 1.2, none' })
    expect(JSON.parse(readFileSync(`${out}.source.json`, 'utf8'))).toEqual({
      ...{
        target: 'e',
        unit: 'eV/atom',
        command,
        program: { name: 'pair', version: '1.2', licence: 'none' },
      },
      ...{ crystals: 20, labelled: 20, errors: 0, references: null },
    })
  })

  it('asks about no crystal twice, and about new ones alone', async () => {
    const log = at('asked.log')
    const command = program('--log', log)
    const { out, byId } = await labelled('again.jsonl', { command, shard: { i: 1, n: 2 } })
    expect([...byId.keys()]).toEqual(crystals.filter((_, n) => n % 2 === 0).map(({ id }) => id))
    expect([...byId.values()][0].source).toEqual({ e: command })
    // The last line was cut off by a kill.
    writeFileSync(`${out}.answers.jsonl`, readFileSync(`${out}.answers.jsonl`, 'utf8').slice(0, -5))
    await labelled('again.jsonl', { command })
    const counts = asked(log).reduce(
      (all, id) => all.set(id, (all.get(id) ?? 0) + 1),
      new Map<string, number>(),
    )
    expect(counts.size).toBe(20)
    expect([...counts.values()].filter((count) => count === 2)).toHaveLength(1)
    const before = readFileSync(out, 'utf8')
    await labelled('again.jsonl', { command })
    expect(asked(log)).toHaveLength(21)
    expect(readFileSync(out, 'utf8')).toBe(before)
  })

  it('has a row with the reason for a crystal on which the program dies, hangs, floods or fails; the rest has labels', async () => {
    const bad = {
      '--die': 'c-2',
      '--hang': 'c-5',
      '--flood': 'c-9',
      '--nan': 'c-11',
      '--boast': 'c-13',
      '--refuse': 'c-15',
    }
    const command = program('--name', 'pair', ...Object.entries(bad).flat())
    const told: string[] = []
    const { byId, summary } = await labelled('bad.jsonl', {
      command,
      timeout: 2,
      onError: (id) => told.push(id),
    })
    expect(told).toEqual(Object.values(bad))
    expect(summary).toMatchObject({ crystals: 20, labelled: 14, errors: 6 })
    const reasons = told.map((id) => byId.get(id)!.error)
    for (const [n, reason] of [
      /ended with exit code 9/,
      /silent for 2 s/,
      /a line of more than 65536 characters/,
      /value is not a number/,
      /silent for 2 s/,
      /^no potential for this one$/,
    ].entries()) {
      expect(reasons[n]).toMatch(reason)
    }
    for (const [id, { targets, error }] of byId) {
      expect([id, targets.e]).toEqual([id, told.includes(id) ? undefined : expected.get(id)])
      expect(error === undefined).toBe(!told.includes(id))
    }
    const another = labelled('bad.jsonl', { command: program(), retry: true })
    await expect(another).rejects.toThrow(
      /holds answers of "pair, none", the program is ".*"; label with the same one/,
    )
  })

  it('takes a program that ends after every answer, and asks again for errors when told to', async () => {
    const part = { shard: { i: 1, n: 3 }, inFlight: 2 }
    const mortal = program('--once', '--name', 'p', '--refuse', 'c-3')
    const once = await labelled('once.jsonl', { ...part, command: mortal })
    expect(once.summary).toMatchObject({ crystals: 7, labelled: 6, errors: 1 })
    const retried = await labelled('once.jsonl', { ...part, command: program('--name', 'p'), retry: true })
    expect(retried.summary).toMatchObject({ labelled: 7, errors: 0 })
    for (const [id, { targets }] of retried.byId) expect(targets.e).toBe(expected.get(id))
  })

  it('refuses a program that never answers, and one of another version', async () => {
    await expect(labelled('none.jsonl', { command: 'no-such-program' })).rejects.toMatchObject({
      code: 'PROGRAM',
      message: expect.stringMatching(
        /^no-such-program: no process of it answered \(it ended with exit code 127; it said: /,
      ),
    })
    expect(existsSync(at('none.jsonl'))).toBe(false)
    await expect(labelled('none.jsonl', { command: 'sleep 100', timeout: 0.2 })).rejects.toThrow(
      'silent for 0.2 s',
    )
    const version = (v: string, i: number) =>
      labelled('versions.jsonl', { command: program('--name', 'p', '--version', v), shard: { i, n: 2 } })
    await version('1', 1)
    await expect(version('2', 2)).rejects.toThrow(/holds answers of "p 1, none", the program is "p 2, none"/)
  })

  it('makes formation energies of energies by references, fitted to the train crystals that have them', async () => {
    // Formation energies are what the potential gives; the program adds −Z/10 for every atom.
    const known = at('known.jsonl')
    const train = [...generateIonicDataset({ count: 200, seed: 6, maxAtoms: 6 })]
    const input = train.map((crystal) => `${formatLabelledCrystal(crystal)}\n`).join('')
    const lines = execFileSync(process.execPath, [PROGRAM], { input, encoding: 'utf8' }).trim().split('\n')
    await writeDataset(
      known,
      train.map((crystal, n) =>
        labelledCrystal({ ...crystal, targets: [['e', JSON.parse(lines[n]).value]] }),
      ),
    )
    const { byId, summary, out } = await labelled('formation.jsonl', {
      ...{ command: program('--atoms'), references: known, range: [-1, 0.4], workers: 2 },
    })
    const { references } = JSON.parse(readFileSync(`${out}.source.json`, 'utf8'))
    expect(references.crystals).toBe(train.filter(({ split }) => split === 'train').length)
    // Of neutral compounds alone, references are known up to a charge of their ions; sums over compounds are known.
    expect(references.elements.Na + references.elements.Cl).toBeCloseTo(-2.8, 1)
    expect(references.mean_absolute_error).toBeLessThan(0.05)
    const labels = [...byId.values()].filter(({ error }) => error === undefined)
    for (const { id, targets } of labels) expect(Math.abs(targets.e - expected.get(id)!)).toBeLessThan(0.15)
    const errors = [...byId.values()].flatMap(({ error }) => error ?? [])
    expect(errors.length).toBe(summary.errors)
    for (const error of errors)
      expect(error).toMatch(/no reference for one of its elements|is outside -1 to 0.4/)
    expect(labels.length).toBeGreaterThan(10)
  })

  it('does not ask about disordered crystals, which have no numbers', async () => {
    const [Na, K] = [11, 19].map((element) => ({ element, occupancy: 0.5 }))
    const mixed = structure({
      ...crystals[0].structure,
      species: crystals[0].structure.species.map(() => [Na, K]),
    })
    const set = at('mixed.jsonl')
    await writeDataset(set, [crystals[1], labelledCrystal({ id: 'mixed', structure: mixed, targets: [] })])
    const summary = await labelDataset(set, at('mixed-out.jsonl'), { command: program(), target: 'e' })
    expect(summary).toMatchObject({ labelled: 1, errors: 1 })
    expect(readFileSync(at('mixed-out.jsonl'), 'utf8')).toContain('sites are disordered')
  })
})
