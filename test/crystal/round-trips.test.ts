// 60 crystals through every format that is written: read here again, and by ASE and pymatgen where a Python has them.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { latticeFromParameters, latticeParameters } from '../../src/crystal/cell.ts'
import { FORMATS, type Format } from '../../src/crystal/formats/table.ts'
import { readStructures } from '../../src/crystal/read.ts'
import { isOrdered, type Structure, structure } from '../../src/crystal/structure.ts'
import { writeStructure } from '../../src/crystal/write.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import { pythonWith } from '../python.ts'

const WRITTEN = FORMATS.filter((format) => 'write' in format && format.write).map(({ name }) => name)
/** Of fractions, and of lengths and angles in relative terms: the formats have at least ten digits. */
const SAME = 1e-7
const HOLDS_NO_DISORDER: readonly string[] = ['poscar', 'extxyz', 'jarvis']

const crystals = Array.from({ length: 60 }, (_, n) => crystal(n))

/** A triclinic cell; every third has mixed sites and vacancies. */
function crystal(n: number): Structure {
  const draw = random(17, n)
  const lattice = latticeFromParameters([
    ...([0, 1, 2].map(() => draw.between(4, 12)) as [number, number, number]),
    ...([0, 1, 2].map(() => draw.between(75, 105)) as [number, number, number]),
  ])
  const sites = 1 + draw.integer(8)
  const element = () => 3 + draw.integer(80)
  return structure({
    lattice,
    // On a grid of their own, so that no two are near each other.
    frac: Array.from({ length: sites }, (_, i) => [
      (i + draw.between(0.1, 0.9)) / sites,
      draw.uniform(),
      draw.uniform(),
    ]),
    species: Array.from({ length: sites }, (_, i) => {
      if (n % 3 !== 0 || i % 2 !== 0) return [{ element: element(), occupancy: 1 }]
      const first = element()
      const share = Math.round(draw.between(0.2, 0.6) * 1e4) / 1e4
      return [
        { element: first, occupancy: share },
        { element: first === 90 ? 3 : first + 1, occupancy: 0.25 },
      ]
    }),
    name: `crystal ${n}`,
  })
}

interface Read {
  readonly cell: readonly number[]
  readonly sites: readonly (readonly [Readonly<Record<string, number>>, readonly number[]])[]
}

function asRead({ lattice, frac, species }: Structure): Read {
  const shares = species.map((site) =>
    Object.fromEntries(site.map(({ element, occupancy }) => [element, occupancy])),
  )
  return { cell: latticeParameters(lattice), sites: shares.map((share, i) => [share, frac[i]]) }
}

/** Sites in any order, and in any cell. */
function expectSame(found: Read, wanted: Read, what: string): void {
  for (const [k, x] of wanted.cell.entries()) {
    expect(Math.abs(found.cell[k] / x - 1), what).toBeLessThan(SAME)
  }
  expect(found.sites.length, what).toBe(wanted.sites.length)
  for (const [shares, place] of wanted.sites) {
    const near = found.sites.find(([, other]) =>
      place.every((x, k) => Math.abs(x - other[k] - Math.round(x - other[k])) < 10 * SAME),
    )
    expect(near, `${what}: a site at ${place}`).toBeDefined()
    expect(Object.keys(near![0]), what).toEqual(Object.keys(shares))
    for (const [z, share] of Object.entries(shares)) expect(near![0][z], what).toBeCloseTo(share, 6)
  }
}

const holds = (format: string, s: Structure) => isOrdered(s) || !HOLDS_NO_DISORDER.includes(format)

describe.each(WRITTEN)('%s', (format) => {
  it('is read here as it was written', () => {
    for (const [n, s] of crystals.entries()) {
      if (!holds(format, s)) {
        expect(() => writeStructure(s, format)).toThrow(/partial occupanc|disorder/i)
        continue
      }
      const [read, ...others] = readStructures(writeStructure(s, format), { format: format as Format })
      expect(others).toEqual([])
      expectSame(asRead(read.structure), asRead(s), `${format}, crystal ${n}`)
    }
  })
})

const python = pythonWith('import ase, pymatgen.core')
const OTHERS = { ase: ['cif', 'poscar', 'extxyz'], pymatgen: ['cif', 'poscar', 'pymatgen'] }
const ENDINGS: Readonly<Record<string, string>> = {
  cif: 'cif',
  poscar: 'vasp',
  extxyz: 'xyz',
  pymatgen: 'json',
}

it.skipIf(python === undefined)(
  `ASE and pymatgen read them${python === undefined ? ': no Python here has ase and pymatgen' : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-round-'))
    const asked = Object.entries(OTHERS).flatMap(([reader, formats]) =>
      formats.flatMap((format) =>
        crystals.flatMap((s, n) => {
          // ASE has no place for mixed sites.
          if (!holds(format, s) || (reader === 'ase' && !isOrdered(s))) return []
          const file = join(folder, `${n}.${ENDINGS[format]}`)
          writeFileSync(file, writeStructure(s, format as Format))
          return [{ reader, file, format, n }]
        }),
      ),
    )
    const script = fileURLToPath(new URL('readback.py', import.meta.url))
    const input = asked.map((one) => JSON.stringify(one)).join('\n')
    const answers = execFileSync(python!, [script], { input, maxBuffer: 2 ** 28 })
      .toString()
      .trim()
      .split('\n')
    expect(answers.length).toBe(asked.length)
    for (const [k, { reader, format, n }] of asked.entries()) {
      const answer = JSON.parse(answers[k])
      const what = `${reader}, ${format}, crystal ${n}`
      expect(answer.error, what).toBeUndefined()
      expectSame(answer, asRead(crystals[n]), what)
    }
  },
  120_000,
)
