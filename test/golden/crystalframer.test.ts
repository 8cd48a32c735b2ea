// Parity of CrystalFramer, in float64 and as the exported graph, with the published kernels and an independent program,
// on the golden vectors: crystals without symmetry end to end, symmetric ones with the stored frames, since ties are
// theirs to break.

import { afterAll, expect, it } from 'vitest'
import type { CrystalframerConfig } from '../../models/attention/config.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import { describeGoldens } from './describe-goldens.ts'
import { type FramedGraph, framedGraph } from './framed-graph.ts'
import {
  FRAMED_CASES,
  type GoldenCase,
  goldenStructures,
  goldenWeights,
  largestDifference,
} from './goldens.ts'

/** float64 against float64: the order of the sums. */
const F64 = 1e-13
/** Features of the lightweight network are ten times larger. */
const F64_FEATURES = 1e-12
/** The reference behind converged_cfr_max centres its box on n = 0, so unwrapped coordinates lose a few images. */
const F64_UNWRAPPED = 3e-10
/** float32 against float64, as the published code itself differs between the two (test/fixtures/golden/README.md). */
const F32_PREDICTION = 4e-7
const F32_FEATURES = 2e-6
/** What the radius of the default error bound leaves out of the wide Gaussians of the tiny weights. */
const F32_NEGLECTED = 3e-6
const F32_LIGHT_FEATURES = 4e-5
/** A cosine exactly on the edge of a published window takes a Gaussian in or out. */
const F32_EDGE_PREDICTION = 3e-5
const F32_EDGE_FEATURES = 1e-4
const F32_FRAMES = 1e-6
/** The released second axis is the difference of two directions that are nearly parallel. */
const F32_FARTHEST = 1e-5

/** Above this many atoms the plain float64 loops take seconds. */
const REFERENCE_ATOMS = 2
const FLOAT32_ATOMS = 5
const REFERENCE_ATOMS_OF_AXES = 4
/** Two atoms have one arm: two of their principal axes are arbitrary. */
const ARBITRARY = 'cfr_pca/Si_diamond_rattled'
/** Eigenvectors of LAPACK have signs of their own, and the independent program takes none of a small determinant. */
const SIGNS = /pca/

const structures = goldenStructures()

/** With given frames the method makes no difference: networks that share their weights share the graph. */
const graphs = new Map<string, Promise<FramedGraph>>()
function graphOfGivenFrames({ weights, config, mode }: GoldenCase): Promise<FramedGraph> {
  const key = JSON.stringify([weights, mode, (config as CrystalframerConfig).value_pe_angle_wscale])
  const graph =
    graphs.get(key) ?? framedGraph(goldenWeights(weights, config), config, mode, { injected: true })
  graphs.set(key, graph)
  return graph
}
afterAll(async () => {
  for (const graph of graphs.values()) await (await graph).dispose()
})

describeGoldens(FRAMED_CASES, (golden, values) => {
  const { config, mode } = golden
  const weights = goldenWeights(golden.weights, config)
  const crystals = [...structures.keys()].filter((name) => values.has(`${name}/pred`))
  const small = (most: number) => crystals.filter((name) => structures.get(name)!.frac.length <= most)
  const value = (key: string) => values.get(key)
  /** Full networks with the covariance of every image: a minute for a crystal of four atoms. */
  const isSlow = golden.name.startsWith('npref')
  const framesOf = (name: string) =>
    Array.from({ length: config.num_layers }, (_, l) => value(`${name}/layer${l}/frames`)!)
  const isOwn = (name: string) => name.endsWith('_rattled') && !SIGNS.test(golden.name)

  it.each([
    { injected: false, title: 'own frames' },
    { injected: true, title: 'given frames' },
  ])('float32 graph, $title', async ({ injected }) => {
    const names = crystals.filter((name) => isOwn(name) !== injected && isQuick(golden, name, injected))
    if (names.length === 0) return
    const graph = await (injected ? graphOfGivenFrames(golden) : framedGraph(weights, config, mode))
    for (const name of names) {
      const outputs = await graph.run([structures.get(name)!], injected ? framesOf(name) : undefined)
      const isEdge = !name.endsWith('_rattled') && mode === 'published'
      for (const [key, found] of outputs) {
        const expected = value(`${name}/${key}`)
        if (expected === undefined) continue
        expect
          .soft(largestDifference(found, expected), `${name}/${key}`)
          .toBeLessThan(tolerance(golden, key, isEdge))
      }
      expect(value(`${name}/pred`), name).toBeDefined()
    }
    if (!injected) await graph.dispose()
  })

  it.each(small(REFERENCE_ATOMS))('float64, %s', (name) => {
    const options = isOwn(name) ? {} : { frames: framesOf(name) }
    const result = referenceForward(weights, config, structures.get(name)!, mode, options)
    const unwrapped = mode === 'converged' && name === 'GaN_unwrapped'
    const compare = (key: string, found: Float64Array | undefined, tolerance: number) => {
      const expected = value(`${name}/${key}`)
      if (expected === undefined) return
      expect(largestDifference(found ?? [], expected), key).toBeLessThan(
        unwrapped ? F64_UNWRAPPED : tolerance,
      )
    }
    compare('pred', result.value, F64)
    compare('encoder_out', result.encoderOut, F64_FEATURES)
    for (const [l, layer] of result.layers.entries()) {
      compare(`layer${l}/frames`, layer.frames, F64)
      compare(`layer${l}/beta`, layer.beta, F64)
      compare(`layer${l}/attn_out`, layer.attnOut, F64_FEATURES)
    }
  })

  if (!SIGNS.test(golden.name)) return
  it('axes of the first block, but for their signs', () => {
    const block = { ...config, num_layers: 1 }
    const own = new Map([...weights].filter(([name]) => !/^encoder\.layers\.[1-9]/.test(name)))
    let compared = 0
    for (const name of small(isSlow ? REFERENCE_ATOMS : REFERENCE_ATOMS_OF_AXES)) {
      if (`${golden.name}/${name}` === ARBITRARY) continue
      const expected = framesOf(name)[0]
      const { frames } = referenceForward(own, block, structures.get(name)!, mode).layers[0]
      for (let n = 0; n < expected.length; n += 9) {
        if (isIdentity(expected.subarray(n, n + 9))) continue
        for (let m = n; m < n + 9; m += 3) {
          const along = dot(expected.subarray(m, m + 3), frames!.subarray(m, m + 3))
          expect(1 - Math.abs(along), `${name}, axis ${m / 3}`).toBeLessThan(F64)
          compared++
        }
      }
    }
    expect(compared).toBeGreaterThan(0)
  })
})

/** The images of a published box grow with the square of the atoms, and in a skewed cell. */
function isQuick({ name }: GoldenCase, crystal: string, injected: boolean): boolean {
  if (name.startsWith('tiny')) return true
  if (crystal.startsWith('TiO2_skewed')) return false
  const repeated = injected && name !== 'cfr_max'
  return name === 'cfr_max_light' || structures.get(crystal)!.frac.length <= (repeated ? 2 : FLOAT32_ATOMS)
}

function tolerance({ name }: GoldenCase, key: string, isEdge: boolean): number {
  if (key.endsWith('/frames')) return name.endsWith('cfr_max_static') ? F32_FARTHEST : F32_FRAMES
  if (key === 'pred') return isEdge ? F32_EDGE_PREDICTION : F32_PREDICTION
  if (isEdge) return F32_EDGE_FEATURES
  if (name === 'tiny_converged_cfr_max') return F32_NEGLECTED
  return name.includes('light') ? F32_LIGHT_FEATURES : F32_FEATURES
}

function isIdentity(frame: Float64Array): boolean {
  return frame.every((x, n) => x === (n % 4 === 0 ? 1 : 0))
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, n) => sum + x * b[n], 0)
}
