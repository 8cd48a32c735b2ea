// What the fused engine computes, against the float64 reference of the networks, which shares nothing with it.

import { beforeAll, describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { describeAttention } from '../../models/attention/fused.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { ELEMENT_TABLE } from '../../models/elements.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import { type FusedNetwork, fusedNetwork } from '../../runtimes/fused/network.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { supercell } from '../../src/crystal/supercell.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import { livelyWeights } from '../models/lively.ts'
import { NETWORKS } from '../runtimes/fused/dump.ts'
import { machines } from '../runtimes/fused/machines.ts'

/** float32 against float64, relative to the largest value: what onnxruntime reaches, too. */
const FLOAT32 = 2e-6
/** Half a unit in the last place of a float32, which results are rounded to, and a little. */
const FLOAT64 = 1e-7
const ELEMENTS = [3, 8, 22, 56]

/** Crystals without symmetry, not even of three atoms in a plane: ties and equal moments are the business of other tests. */
function crystals(count: number): Structure[] {
  const { uniform, integer } = random(11)
  return Array.from({ length: count }, (_, n) => {
    const atoms = 4 + (n % 4)
    const size = 3 * Math.cbrt(atoms)
    const away = () => 0.3 * (uniform() - 0.5)
    return structure({
      lattice: [
        [size, away(), away()],
        [away(), 1.1 * size, away()],
        [away(), away(), 1.2 * size],
      ],
      frac: Array.from({ length: atoms }, (_, i) => [
        i / atoms + 0.1 * away(),
        (i * 0.37) % 1,
        (i * 0.61 + 0.1 * uniform()) % 1,
      ]),
      species: Array.from({ length: atoms }, () => ELEMENTS[integer(ELEMENTS.length)]),
    })
  })
}

describe.each(machines())('%s', (machine, open) => {
  const tolerance = machine.endsWith('float64') ? FLOAT64 : FLOAT32
  describe.each(Object.entries(NETWORKS))('%s', (_, input) => {
    const config = modelConfig(input)
    const weights = livelyWeights(config, 3)
    const some = crystals(6)
    let network: FusedNetwork
    const values = (group: readonly Structure[], embedding = false) =>
      network.run(
        group.map((crystal) => network.prepare(crystal)),
        embedding,
      )[0]
    beforeAll(async () => {
      const { geometry } = geometryOf(config, 'converged')
      const description = describeAttention(config, geometry, weights)
      if (typeof description === 'string') throw new Error(description)
      network = fusedNetwork(await open(), [description], ELEMENT_TABLE, config.num_targets)
    })

    it('gives the values of the reference', () => {
      const found = values(some).prediction
      const expected = some.flatMap((crystal) => [
        ...referenceForward(weights, config, crystal, 'converged').value,
      ])
      const scale = Math.max(...expected.map(Math.abs))
      const worst = Math.max(...expected.map((value, n) => Math.abs(value - found[n]) / scale))
      expect(worst).toBeLessThan(tolerance)
    })

    it('gives the same bits again, and whatever else is in the batch', () => {
      const together = values(some, true)
      expect(values(some, true)).toEqual(together)
      for (const [n, crystal] of some.entries()) {
        const { prediction, embedding } = values([crystal], true)
        const [columns, width] = [config.num_targets, config.model_dim]
        expect(prediction).toEqual(together.prediction.slice(n * columns, (n + 1) * columns))
        expect(embedding).toEqual(together.embedding!.slice(n * width, (n + 1) * width))
      }
    })
  })
})

describe('a supercell', () => {
  it.each(['crystalformer', 'max'])(
    'has the value of its cell in %s, in as many bins as it takes',
    async (name) => {
      const config = modelConfig(NETWORKS[name])
      const weights = livelyWeights(config, 3)
      const description = describeAttention(config, geometryOf(config, 'converged').geometry, weights)
      if (typeof description === 'string') throw new Error(description)
      const [, [, open]] = [...machines(), ...machines()]
      const network = fusedNetwork(await open(), [description], ELEMENT_TABLE, config.num_targets)
      const [cell] = crystals(1)
      const large = supercell(cell, [
        [5, 0, 0],
        [0, 5, 1],
        [0, 0, 6],
      ])
      // More atoms than symmetry is looked for in.
      const [one, many] = [cell, large].map(
        (crystal) => network.run([network.prepare(crystal)], false)[0].prediction,
      )
      // The same bits however many threads share the atoms.
      for (const threads of [2, 3, 64]) {
        const { prediction } = network.run([network.prepare(large)], false, { threads })[0]
        expect(prediction).toEqual(many)
      }
      for (const [t, value] of one.entries()) {
        expect(Math.abs(value - many[t])).toBeLessThan(FLOAT32 * Math.max(1, Math.abs(value)))
      }
    },
  )
})
