// One small model for the tests of a file, and crystals for it.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { exportCase, TINY } from '../exporters/crystal/exported.ts'

export const exported = await exportCase({ ...TINY, mode: 'converged' })

/** The model as a file in a folder of its own. */
export function onDisk(bytes: Uint8Array = exported.bytes): string {
  const path = join(mkdtempSync(join(tmpdir(), 'crystal-onnx-')), 'model.onnx')
  writeFileSync(path, bytes)
  return path
}

/** A simple cubic crystal, `count` atoms in a row along x with a small wave in y; no two counts are alike. */
export function chain(count: number, element = 14): Structure {
  return structure({
    lattice: [
      [2.5 * count, 0, 0],
      [0, 4, 0],
      [0, 0, 4.5],
    ],
    frac: Array.from({ length: count }, (_, i) => [i / count, 0.05 * Math.sin(i + count), 0.1 * (i % 2)]),
    species: Array.from({ length: count }, () => element),
    name: `chain of ${count}`,
  })
}
