// Graphs that join the requests of a batch themselves: whatever crystals come together, in whatever order, each has the value
// that the file with neighbour tables gives it.

import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { goldenStructures as rattled } from '../../exporters/crystal/golden.ts'
import { cellFeeds, raggedFeeds } from '../../exporters/triton/feeds.ts'
import { tritonModel } from '../../exporters/triton/model.ts'
import { relativeError } from '../../runtimes/card.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { ConfigError, ModelFileError } from '../../src/errors.ts'
import { sfc32 } from '../../src/math/random/sfc32.ts'
import type { BatchTensor } from '../../src/periodic/tensors.ts'
import { exportCase, loadHere, TARGET, TINY } from '../exporters/crystal/exported.ts'
import { FRAMED_CASES, goldenStructures, TINY_CASES } from '../golden/goldens.ts'

/** Sums in another order, in float32. */
const F32 = 1e-6

const disordered = structure({
  name: 'disordered',
  lattice: [
    [4.1, 0.1, 0],
    [0, 4.3, 0.2],
    [0.3, 0, 4.6],
  ],
  frac: [
    [0, 0, 0],
    [0.52, 0.48, 0.5],
  ],
  species: [
    [
      { element: 11, occupancy: 0.6 },
      { element: 19, occupancy: 0.3 },
    ],
    17,
  ],
})
const ordered = [...goldenStructures().values()]
const crystals = [...ordered, disordered]

/** The crystals in batches of random sizes and order, so that each comes twice. */
function batches<T>(all: readonly T[], seed: number): T[][] {
  const draw = sfc32(seed)
  const left = [...all, ...all]
  const made: T[][] = []
  while (left.length > 0) {
    const batch: T[] = []
    for (let n = 1 + draw.integer(6); n > 0 && left.length > 0; n--) {
      batch.push(...left.splice(draw.integer(left.length), 1))
    }
    made.push(batch)
  }
  return made
}

async function session(bytes: Uint8Array) {
  const opened = await ort.InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  })
  return {
    inputs: opened.inputNames,
    outputs: opened.outputNames,
    async run(feeds: Record<string, BatchTensor>): Promise<Record<string, ort.Tensor>> {
      const given = opened.inputNames.map((name) => [
        name,
        new ort.Tensor(feeds[name].data as Float32Array, [...feeds[name].dims]),
      ])
      return opened.run(Object.fromEntries(given))
    },
  }
}

async function compared(
  bytes: Uint8Array,
  expected: ReadonlyMap<Structure, number>,
  feedsOf: (batch: readonly Structure[]) => Record<string, BatchTensor>,
) {
  const { run } = await session(bytes)
  for (const [n, batch] of batches([...expected.keys()], 7).entries()) {
    const { data, dims } = (await run(feedsOf(batch))).prediction
    expect(dims).toEqual([batch.length, 1])
    for (const [row, crystal] of batch.entries()) {
      const error = relativeError(Number(data[row]), expected.get(crystal)!, TARGET.std)
      expect.soft(error, `${crystal.name}, batch ${n}`).toBeLessThan(F32)
    }
  }
}

async function valuesOf(bytes: Uint8Array, all: readonly Structure[]): Promise<Map<Structure, number>> {
  const model = await loadHere(bytes)
  const values = new Map<Structure, number>()
  for await (const { index, value } of model.predictMany(all)) values.set(all[index], value!)
  await model.dispose()
  return values
}

const CONVERGED = [...TINY_CASES, ...FRAMED_CASES]
  .filter(({ name, mode }) => name.startsWith('tiny') && mode === 'converged')
  .concat(
    { ...TINY, name: 'simplified', mode: 'converged', config: { ...TINY.config, value_pe_dist_real: 0 } },
    FRAMED_CASES.filter(({ name }) => name === 'tiny_cfr_weighted_pca_paper').map((one) => ({
      ...one,
      mode: 'converged' as const,
    }))[0],
  )

describe.each(CONVERGED)('$name', (network) => {
  it('layout ragged', async () => {
    const { bytes, card } = await exportCase(network, { outputs: ['embedding'] })
    const { bytes: joined, goldenError } = await tritonModel(bytes, 'ragged')
    expect(goldenError).toBeLessThan(card.tolerance)
    // PCA frames are not defined on symmetric crystals.
    const able = network.name.includes('pca') ? rattled(network.config) : crystals
    await compared(joined, await valuesOf(bytes, able), (batch) => raggedFeeds(batch, card))
  })
})

describe('layout cells', async () => {
  const network = { ...TINY, mode: 'converged' } as const
  const { bytes, card } = await exportCase(network, { inGraph: true, outputs: ['embedding', 'attention'] })
  const { bytes: joined } = await tritonModel(bytes, 'cells')
  const opened = await session(joined)

  it('takes numbers, coordinates and lattices, and gives what is of crystals', async () => {
    expect(opened.inputs).toEqual(['numbers', 'frac', 'lattice', 'atoms_end'])
    expect(opened.outputs).toEqual(['prediction', 'embedding'])
    const tables = await exportCase(network)
    await compared(joined, await valuesOf(tables.bytes, ordered), cellFeeds)
  })

  it('does not mind where coordinates lie, nor the handedness of a lattice', async () => {
    const [crystal] = ordered
    const [a, b, c] = crystal.lattice
    const moved = structure({ ...crystal, frac: crystal.frac.map(([x, y, z]) => [x + 1, y - 2, z]) })
    const mirrored = structure({
      ...crystal,
      lattice: [b, a, c],
      frac: crystal.frac.map(([x, y, z]) => [y, x, z]),
    })
    const { data } = (await opened.run(cellFeeds([crystal, moved, mirrored]))).prediction
    expect(relativeError(Number(data[1]), Number(data[0]), TARGET.std)).toBeLessThan(F32)
    expect(relativeError(Number(data[2]), Number(data[0]), TARGET.std)).toBeLessThan(F32)
  })

  const [crystal] = ordered
  const flat = {
    ...crystal,
    lattice: [crystal.lattice[0], crystal.lattice[0], crystal.lattice[2]],
  } as Structure
  const thin = {
    ...crystal,
    lattice: crystal.lattice.map((row, m) => row.map((x) => (m === 0 ? x / 1e5 : x))),
  } as unknown as Structure
  it.each([
    ['without volume', flat, /too_many_images_or_no_volume/],
    ['with more images than there is memory for', thin, /too_many_images_or_no_volume/],
    [
      'of an element that the model does not know',
      structure({ ...crystal, species: crystal.species.map(() => 99) }),
      /out of data bounds/,
    ],
    [
      'of no element',
      { ...crystal, species: crystal.species.map(() => [{ element: 5000, occupancy: 1 }]) },
      /out of data bounds/,
    ],
  ])('a crystal %s fails and says so', async (_, given, message) => {
    await expect(opened.run(cellFeeds([given]))).rejects.toThrow(message)
    const { data } = (await opened.run(cellFeeds([crystal]))).prediction
    expect(Number(data[0])).not.toBeNaN()
  })

  it('is no file for load, and no layout of other files', async () => {
    await expect(loadHere(joined)).rejects.toThrow(ModelFileError)
    await expect(loadHere(joined)).rejects.toThrow(/Triton/)
    const tables = await exportCase(network)
    await expect(tritonModel(tables.bytes, 'cells', 'm.onnx')).rejects.toThrow(
      /m\.onnx: takes neighbour tables/,
    )
    await expect(tritonModel(bytes, 'ragged')).rejects.toThrow(/layout cells/)
    await expect(tritonModel(bytes, 'tables')).rejects.toThrow(/layout cells/)
    const waves = await exportCase(TINY_CASES[2])
    await expect(tritonModel(waves.bytes, 'ragged')).rejects.toThrow(ConfigError)
    await expect(tritonModel(waves.bytes, 'ragged')).rejects.toThrow(/does not make .*wave_cosine/)
    const box = await exportCase(TINY)
    await expect(tritonModel(box.bytes, 'ragged')).rejects.toThrow(/image_reach/)
  })

  it('has a configuration', async () => {
    const { config } = await tritonModel(bytes, 'cells')
    expect(config('e "f').split('\n')).toEqual(
      expect.arrayContaining(['name: "e \\"f"', 'backend: "onnxruntime"', 'max_batch_size: 16']),
    )
    expect(config('m')).toContain(
      '  name: "frac"\n  data_type: TYPE_FP32\n  dims: [ -1, 3 ]\n  allow_ragged_batch: true\n',
    )
    expect(config('m')).toContain('  name: "lattice"\n  data_type: TYPE_FP32\n  dims: [ 3, 3 ]\n}')
    expect(config('m')).toContain(
      '  target_name: "atoms_end"\n  data_type: TYPE_INT32\n  source_input: "numbers"\n',
    )
    expect(config('m')).toContain('  name: "embedding"\n  data_type: TYPE_FP32\n  dims: [ 32 ]\n')
    expect(card.targets).toHaveLength(1)
  })
})
