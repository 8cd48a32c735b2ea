// What verify --smooth and the card say about small moves of atoms, on a network that chooses nothing.

import { expect, it } from 'vitest'
import { smoothness } from '../../../exporters/crystal/smoothness.ts'
import { verifyModel } from '../../../exporters/crystal/verify.ts'
import { configure, networkOf } from '../../../models/registry.ts'
import { readModelFile } from '../../../runtimes/model-file.ts'
import { openNode } from '../../../runtimes/node/open.ts'
import { FRAMED_CASES, goldenStructures } from '../../golden/goldens.ts'
import { exportCase, TARGET, TINY } from './exported.ts'

/** Sums in another order, of a target whose std is TARGET.std. */
const ROUNDING = 1e-5

it('measures a Crystalformer, and its card says what it found', async () => {
  const { bytes, card } = await exportCase({ ...TINY, mode: 'converged' })
  const amplitudes = [0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2]
  expect(card.smoothness?.map(({ amplitude }) => amplitude)).toEqual(amplitudes)
  expect(readModelFile(bytes, 'tiny.onnx').card.smoothness).toEqual(card.smoothness)

  const { smoothness: rows, jumps } = await verifyModel(bytes, { smooth: true, devices: ['cpu'] })
  expect(jumps).toBeUndefined()
  expect(rows.map(({ amplitude }) => amplitude)).toEqual(amplitudes)
  const [rewritten, ...moved] = rows
  expect(rewritten.per_angstrom).toBeNull()
  expect(rewritten.change).toBeLessThan(ROUNDING * TARGET.std)
  // Ten times the move is ten times the change, but for other random numbers; smaller moves are lost in rounding.
  const [small, large] = moved.slice(-2)
  expect(small.per_angstrom).toBeGreaterThan(0)
  expect(large.change / small.change).toBeGreaterThan(5)
  expect(large.change / small.change).toBeLessThan(20)
})

it('says at what the predictions of max frames jump, of an ensemble of them too, and of densities nothing', async () => {
  const framed = FRAMED_CASES.find(({ name }) => name === 'tiny_cfr_max')!
  const { bytes } = await exportCase({ ...framed, mode: 'converged' })
  const { jumps } = await verifyModel(bytes, { devices: ['cpu'] })
  expect(jumps).toBe('which image has the largest attention weight')
  const jumpsOf = (given: unknown) => {
    const config = configure(given)
    return networkOf(config).jumps?.(config)
  }
  const members = [{ architecture: 'crystalformer' }, framed.config]
  expect(jumpsOf({ architecture: 'ensemble', members })).toBe(jumps)
  expect(jumpsOf({ ...framed.config, frame_method: 'density' })).toBeUndefined()
})

it('says nothing of the published box unless it is asked', async () => {
  const { bytes, card } = await exportCase(TINY)
  expect(card.smoothness).toBeUndefined()
  const { inputs, outputs, card: read } = readModelFile(bytes, 'tiny.onnx')
  const runtime = await openNode(
    { bytes, card: read, inputs, outputs },
    { engine: 'onnxruntime', device: 'cpu', threads: 1, worker: false },
  )
  const crystals = [goldenStructures().get('NaCl_prim')!]
  const rows = await smoothness(read, runtime, crystals, 2)
  expect(rows.every(({ structure }) => structure === 'NaCl_prim')).toBe(true)
  await runtime.dispose()
})
