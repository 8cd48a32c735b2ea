// What a description may ask for: on a machine of 32 bits no sum of sizes wraps round to one that fits.

import { describe, expect, it } from 'vitest'
import { modelConfig } from '../../../models/attention/config.ts'
import { describeAttention } from '../../../models/attention/fused.ts'
import { geometryOf } from '../../../models/attention/geometry.ts'
import { MODULE } from '../../../runtimes/fused/generated/simd.ts'
import { type WasmKernels, WRONG_PLAN } from '../../../runtimes/fused/kernels.ts'
import { livelyWeights } from '../../models/lively.ts'

/** Places in `enum description`. */
const [ELEMENTS, MODEL_DIM, HEAD_NUM, FF_DIM, BLOCKS, TARGETS, RADIAL, CELLS] = [0, 1, 2, 3, 4, 5, 15, 22]
const MOST_BLOCKS = 64
/** The engine's limit, in words. */
const LIMIT = 2 ** 29

const config = modelConfig({
  ...{ architecture: 'crystalframer', frame_method: 'lattice', num_layers: MOST_BLOCKS },
  ...{ model_dim: 8, head_num: 2, ff_dim: 8, embedding_dim: [] },
})
const { geometry } = geometryOf(config, 'converged')
const described = describeAttention(config, geometry, livelyWeights(config, 1))
if (typeof described === 'string') throw new Error(described)
const { words } = described

/** A description, and the weights that such a network has: at most 2⁴⁰, exact in float64. */
function network(d: number, heads: number, hidden: number, blocks: number, cells: number, radial: number) {
  const own = words.slice(0, words.length - 2 * (MOST_BLOCKS - blocks))
  Object.assign(own, {
    ...{ [MODEL_DIM]: d, [HEAD_NUM]: heads, [FF_DIM]: hidden, [BLOCKS]: blocks, [CELLS]: cells },
    [RADIAL]: radial,
  })
  const attention = 4 * d * d + 3 * d + d + 2 + d + radial * d + 3 * 8 * cells * d
  const block = attention + 2 * hidden * d + hidden + d
  return { own, given: d * words[ELEMENTS] + blocks * block + (d + 1) * words[TARGETS] }
}

describe('the WebAssembly module', () => {
  const compiled = new WebAssembly.Module(Buffer.from(MODULE, 'hex'))
  const module = new WebAssembly.Instance(compiled).exports as unknown as WasmKernels
  const packedSize = (own: Int32Array, given: number) => {
    const at = module.free_word()
    module.memory.grow(1)
    new Int32Array(module.memory.buffer).set(own, at)
    return module.packed_size(at, own.length, given % 2 ** 32)
  }

  it('takes a network that fits', () => {
    const fitting = [
      network(16, 4, 32, 2, 3, 8),
      network(128, 8, 512, 4, 8, 64),
      network(1024, 16, 4096, 8, 8, 64),
    ]
    for (const { own, given } of fitting) {
      const packed = packedSize(own, given)
      expect(packed).toBeGreaterThan(given)
      expect(packed).toBeLessThan(LIMIT)
      expect(packedSize(own, given + 1)).toBe(WRONG_PLAN)
    }
  })

  it('refuses every network that does not', () => {
    let refused = 0
    for (const d of [4096, 4064, 2048]) {
      for (const heads of [1, 8, d]) {
        for (const hidden of [1, 32768, 65536]) {
          for (const cells of [1, 64, 512, 4096]) {
            for (const blocks of [1, 2, 4, 16, 64]) {
              const { own, given } = network(d, heads, hidden, blocks, cells, 64)
              if (given < LIMIT) continue
              refused++
              const found = packedSize(own, given)
              expect(found, `${[d, heads, hidden, cells, blocks]}`).toBe(WRONG_PLAN)
            }
          }
        }
      }
    }
    expect(refused).toBeGreaterThan(300)
  })
})
