// The wave vectors of a batch as rectangular arrays: for every atom the cosines to all J partners in its own cell.

import { type WaveTable, waveCosine } from './reciprocal.ts'
import type { FloatArray, FloatArrays, Tensors, TensorsOf } from './tensors.ts'

/** The waves of all tables one after another. */
export function packWaves<F extends FloatArray>(
  tables: readonly WaveTable[],
  Floats: FloatArrays<F>,
): Tensors<F, TensorsOf<'waves'>> {
  const atoms = tables.reduce((sum, table) => sum + table.atoms, 0)
  const partners = tables.reduce((most, table) => Math.max(most, table.atoms), 1)
  const { waves } = tables[0]
  const partner = new Int32Array(atoms * partners)
  const mask = new Floats(atoms * partners)
  const cosine = new Floats(atoms * waves * partners)
  const norm2 = new Floats(atoms * waves)
  const logVolume = new Floats(atoms)

  let first = 0
  for (const table of tables) {
    for (let i = 0; i < table.atoms; i++) {
      const row = first + i
      logVolume[row] = table.logVolume
      norm2.set(table.norm2, row * waves)
      partner.fill(row, row * partners, (row + 1) * partners)
      mask.fill(1, row * partners, row * partners + table.atoms)
      for (let j = 0; j < table.atoms; j++) partner[row * partners + j] = first + j
      for (let k = 0; k < waves; k++) {
        const to = (row * waves + k) * partners
        for (let j = 0; j < table.atoms; j++) cosine[to + j] = waveCosine(table, i, k, j)
      }
    }
    first += table.atoms
  }
  return {
    partner: { data: partner, dims: [atoms, partners] },
    partner_mask: { data: mask, dims: [atoms, partners] },
    wave_cosine: { data: cosine, dims: [atoms, waves, partners] },
    wave_norm2: { data: norm2, dims: [atoms, waves] },
    log_volume: { data: logVolume, dims: [atoms] },
  }
}
