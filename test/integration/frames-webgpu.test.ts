// Every frame method on native WebGPU, on a software Vulkan driver: what the processor predicts, with nothing but shape
// arithmetic left to the CPU.

import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { goldenStructures as builtIn } from '../../exporters/crystal/golden.ts'
import { modelConfig } from '../../models/attention/config.ts'
import { relativeError } from '../../runtimes/card.ts'
import { loadHere, TARGET } from '../exporters/crystal/exported.ts'
import { goldenStructures } from '../golden/goldens.ts'
import { livelyWeights } from '../models/lively.ts'
import { onDisk } from '../runtimes/models.ts'
import { onVulkan, softwareVulkan } from '../runtimes/vulkan.ts'
import type { Answer, Task } from './frames-webgpu-process.ts'

/** float32 on a GPU; exponentials and square roots there are not those of the processor. */
const WEBGPU = 1e-4
const PROGRAM = fileURLToPath(new URL('./frames-webgpu-process.ts', import.meta.url))

/** Small, with few images: a software driver compiles every kernel of every graph. */
const SMALL = {
  architecture: 'crystalframer',
  num_layers: 1,
  model_dim: 16,
  head_num: 2,
  ff_dim: 16,
  embedding_dim: [8],
  value_pe_dist_real: 16,
  value_pe_angle_real: 16,
  scale_real: [0.7],
} as const
/** pca is the graph of lattice: both are given the frames of the cell. */
const METHODS = [
  { frame_method: 'max', ties: 'average' },
  { frame_method: 'max_static' },
  { frame_method: 'weighted_pca', ties: 'average' },
  { frame_method: 'lattice' },
]
const structures = ['NaCl_prim', 'MoS2_long_thin'].map((name) => goldenStructures().get(name)!)

describe.skipIf(softwareVulkan() === undefined)(onVulkan('frames on WebGPU in Node'), () => {
  const expected: number[][] = []
  let answer: Answer

  beforeAll(async () => {
    const models: string[] = []
    for (const method of METHODS) {
      const config = modelConfig({ ...SMALL, ...method })
      // checks its golden samples on the CPU against float64
      const { bytes } = await exportCrystalModel({
        weights: livelyWeights(config, 5),
        config,
        targets: [TARGET],
        golden: builtIn().slice(1, 3),
      })
      models.push(onDisk(bytes))
      const model = await loadHere(bytes)
      const values: number[] = []
      for (const crystal of structures) values.push((await model.predict(crystal)).value)
      expected.push(values)
      await model.dispose()
    }
    const file = join(dirname(models[0]), 'frames-task.json')
    writeFileSync(file, JSON.stringify({ models, structures } satisfies Task))
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, file], {
      env: { ...process.env, ...softwareVulkan() },
      maxBuffer: 2 ** 26,
    })
    answer = JSON.parse(stdout)
  }, 240_000)

  describe.each(METHODS.map((method, n) => [JSON.stringify(method), n] as const))('%s', (_, n) => {
    it('predicts what the processor predicts', () => {
      for (const [s, crystal] of structures.entries()) {
        const found = answer[n].values[s]
        expect.soft(relativeError(found, expected[n][s], TARGET.std), crystal.name).toBeLessThan(WEBGPU)
      }
    })

    it('leaves nothing but int64 arithmetic of shapes to the CPU', () => {
      const { nodes } = answer[n]
      expect(new Set(nodes.map(({ provider }) => provider))).toContain('WebGpuExecutionProvider')
      for (const { operator, provider, types } of nodes) {
        if (provider === 'WebGpuExecutionProvider') continue
        expect(`${operator}: ${[...new Set(types)]}`).toBe(`${operator}: int64`)
      }
    })
  })
})
