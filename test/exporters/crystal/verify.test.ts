// The checks say what is right and what is wrong: a file as exported, one whose golden values were changed, and one
// whose graph was.

import { expect, it } from 'vitest'
import { verifyModel } from '../../../exporters/crystal/verify.ts'
import { decodeModel, encodeModel } from '../../../exporters/onnx/proto.ts'
import { readMetadata } from '../../../runtimes/metadata.ts'
import { structure } from '../../../src/crystal/structure.ts'
import { sfc32 } from '../../../src/math/random/sfc32.ts'
import { goldenStructures, goldenValues } from '../../golden/goldens.ts'
import { exportCase, TARGET, TINY, withCard } from './exported.ts'

/** Constants of the graph are float32, those of the target scaling among them; nothing else is. */
const F32_CONSTANTS = 1e-7

it('compares every check with float64, in three kinds of batches', async () => {
  const { bytes } = await exportCase(TINY)
  const crystals = goldenStructures()
  const given = ['GaN_wurtzite', 'NaCl_prim']
    .filter((name) => crystals.has(name))
    .map((name) => crystals.get(name)!)
  const seen: string[] = []
  const result = await verifyModel(bytes, { structures: given, onRow: ({ device }) => seen.push(device) })
  expect(result.pass).toBe(true)
  expect(result.failed).toEqual([])
  const devices = result.summaries.map(({ device }) => device)
  expect(devices.slice(0, 4)).toEqual(['float64', 'float64-graph', 'tfjs', 'cpu'])
  for (const { device, maxRel, meanRel, count, pass } of result.summaries) {
    expect(pass, device).toBe(true)
    expect(maxRel, device).toBeLessThan(1e-5)
    expect(meanRel, device).toBeLessThanOrEqual(maxRel)
    const all = 2 + given.length
    expect(count, device).toBe({ float64: 2, 'float64-graph': all }[device] ?? 3 * all)
    if (device === 'float64-graph') expect(maxRel).toBeLessThan(F32_CONSTANTS)
  }
  expect(seen).toEqual(result.rows.map(({ device }) => device))
  expect(new Set(result.rows.map(({ batch }) => batch)).size).toBe(3)
  for (const { device, reason } of result.passedOver)
    expect(`${device}: ${reason}`).toMatch(/^(cuda|webgpu|fused): ./)
  // the reference itself is the published code's, as far as these crystals are among its vectors
  for (const { structure: name, reference } of result.rows) {
    const value = goldenValues(TINY.name)?.get(`${name}/pred`)
    if (value) expect(reference).toBeCloseTo(value[0] * TARGET.std + TARGET.mean, 9)
  }
})

it('reports a structure that it cannot evaluate and goes on', async () => {
  const { bytes } = await exportCase(TINY)
  const lattice = [
    [4, 0, 0],
    [0, 4, 0],
    [0, 0, 4],
  ]
  const heavy = structure({ lattice, frac: [[0, 0, 0]], species: [110], name: 'Ds' })
  const { failed, pass } = await verifyModel(bytes, { structures: [heavy] })
  expect(pass).toBe(true)
  expect(failed).toHaveLength(1)
  expect(failed[0]).toMatchObject({ structure: 'Ds', error: { code: 'ELEMENT' } })
})

it('finds stored golden values that the weights do not give', async () => {
  const { bytes, card } = await exportCase(TINY)
  const changed = await withCard({ bytes, card }, (card) => {
    card.golden[0].value[0] += 1e-3
    return card
  })
  expect(readMetadata(changed).metadata.size).toBe(3)
  const { pass, summaries } = await verifyModel(changed)
  expect(pass).toBe(false)
  expect(summaries.map((s) => [s.device, s.pass])).toEqual([
    ['float64', false],
    ['float64-graph', true],
    ['tfjs', true],
    ['cpu', true],
  ])
})

it('finds a graph that does not compute what the weights say', async () => {
  const { bytes, card } = await exportCase(TINY)
  const model = decodeModel(bytes)
  const last = model.graph.nodes.findLastIndex(({ op }) => op === 'Relu')
  const nodes = model.graph.nodes.with(last, { ...model.graph.nodes[last], op: 'Softplus' })
  const changed = encodeModel({ ...model, graph: { ...model.graph, nodes } })
  const { pass, summaries } = await verifyModel(await withCard({ bytes: changed, card }, (same) => same))
  expect(pass).toBe(false)
  expect(summaries.map((s) => [s.device, s.pass])).toEqual([
    ['float64', true],
    ['float64-graph', false],
    ['tfjs', true],
    ['cpu', false],
  ])
})

it('passes the graph in float64 over for large crystals, and says so', async () => {
  const { bytes } = await exportCase({ ...TINY, mode: 'converged' })
  const { uniform: random } = sfc32(1)
  const frac = Array.from({ length: 33 }, (_, n) => [n / 33, random(), random()])
  // A chain with much room around it has few images.
  const lattice = [
    [99, 0, 0],
    [0, 12, 0],
    [0, 0, 12],
  ]
  const large = structure({ lattice, frac, species: frac.map(() => 14), name: 'large' })
  const { passedOver, pass, rows } = await verifyModel(bytes, { structures: [large], devices: ['cpu'] })
  expect(pass).toBe(true)
  expect(passedOver).toEqual([
    {
      device: 'float64-graph',
      reason: expect.stringMatching(/^float64-graph of large: 33 atoms .* at most 32/),
    },
  ])
  const devices = rows.filter((row) => row.structure === 'large').map(({ device }) => device)
  expect(new Set(devices)).toEqual(new Set(['tfjs', 'cpu', 'fused']))
})
