// The fused attention kernel and its gradient against the plain tfjs formulation of models/ on the cpu backend.

import * as tf from '@tensorflow/tfjs'
import { afterAll, expect, it } from 'vitest'
import { batchImages } from '../../models/attention/batch-images.ts'
import { type ModelConfigInput, modelConfig, scaleReal } from '../../models/attention/config.ts'
import { realAttention } from '../../models/attention/real-space.ts'
import type { BackendName } from '../../src/engines/backends.ts'
import { periodicAttention } from '../../src/engines/fused-attention.ts'
import { imageList, joinImages } from '../../src/engines/image-list.ts'
import { uploadImages } from '../../src/engines/uploaded-images.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { CRYSTALS, numbers } from '../training/crystals.ts'
import { describeBackend, startBackend } from '../training/native.ts'

/** Both sum float32 products in different orders. */
const F32 = 2e-5

const ELEMENTS = Array.from({ length: 98 }, (_, n) => n + 1)
const prepared = CRYSTALS.map((s) => prepareCrystal(s, { images: { kind: 'sphere', radius: 9 } }, ELEMENTS))

const CASES: Record<string, ModelConfigInput> = {
  'published widths': { model_dim: 32, head_num: 8 },
  'one block of four heads': { model_dim: 16, head_num: 4, value_pe_dist_real: 32 },
  'wide Gaussians': { model_dim: 32, head_num: 4, value_pe_dist_real: 16, value_pe_width_scale: 2 },
  'a window of all Gaussians': { model_dim: 32, head_num: 4, value_pe_dist_real: 8 },
  'a short range': { model_dim: 32, head_num: 4, value_pe_dist_max: 5 },
  'no position encoding': { model_dim: 32, head_num: 4, value_pe_dist_real: 0 },
}

/** A tensor's worth of numbers in [−1, 1). */
function values(seed: number, shape: readonly number[]) {
  return {
    data: numbers(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  }
}

afterAll(() => void tf.setBackend('cpu'))

for (const backend of ['wasm', 'native', 'tensorflow'] as const) {
  await describeBackend(backend, `periodicAttention on ${backend}`, () => onBackend(backend))
}

function onBackend(backend: BackendName): void {
  for (const [title, input] of Object.entries(CASES)) {
    it(`is the attention of models/, value and gradient: ${title}`, async () => {
      const config = modelConfig({ ...input, num_layers: 1 })
      const { model_dim: d, head_num: heads, value_pe_dist_real: count } = config
      const batch = packBatch(prepared)
      const given = [
        values(1, [batch.atoms, d]),
        values(2, [batch.atoms, d]),
        values(3, [batch.atoms, d]),
        {
          ...values(4, [batch.atoms, heads]),
          data: values(4, [batch.atoms, heads]).data.map((x) => 1.2 + x / 2),
        },
        ...(count > 0 ? [values(5, [1, heads, d / heads, count])] : []),
      ]
      const upstream = values(6, [batch.atoms, d])

      const evaluate = (attend: (x: tf.Tensor[]) => tf.Tensor) => {
        const x = given.map(({ data, shape }) => tf.tensor(data, [...shape]))
        const weight = tf.tensor(upstream.data, [...upstream.shape])
        const { value, grads } = tf.valueAndGrads((...x: tf.Tensor[]) => {
          const out = attend(x)
          return tf.sum(tf.mul(out, weight)).asScalar()
        })(x)
        return [attend(x), value, ...grads].map((t) => t.dataSync() as Float32Array)
      }

      await startBackend('cpu')
      const expected = evaluate(([query, key, value, rho, radialWeight]) => {
        const inputs = Object.fromEntries(
          Object.entries(batch.tensors).map(([name, t]) => [
            name,
            tf.tensor(t.data, [...t.dims], t.data instanceof Int32Array ? 'int32' : 'float32'),
          ]),
        )
        return realAttention(
          { query, key, value, rho } as Parameters<typeof realAttention>[0],
          batchImages(inputs, config),
          0,
          { radialWeight: radialWeight as tf.Tensor4D, cutoff: undefined, trace: () => {} },
        )
      })

      const { heap } = await startBackend(backend)
      const images = uploadImages(
        heap!,
        joinImages(prepared.map((c) => imageList(c.images!, c.runs!, { directions: false }))),
        config,
      )
      const found = evaluate(([q, k, v, rho, projection]) =>
        periodicAttention(
          { q, k, v, a: tf.mul(rho, -1 / (2 * scaleReal(config, 0) ** 2)), projection },
          images,
          images.windows[0],
        ),
      )
      images.dispose()

      expect(found.length).toBe(expected.length)
      for (const [n, numbers] of expected.entries()) {
        const scale = numbers.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1)
        const worst = numbers.reduce((most, x, i) => Math.max(most, Math.abs(x - found[n][i])), 0)
        expect(worst / scale, `tensor ${n}`).toBeLessThan(F32)
      }
    })
  }

  it('frees all that it allocates but the result', async () => {
    const { heap } = await startBackend(backend)
    const config = modelConfig({ model_dim: 16, head_num: 4, num_layers: 2 })
    const atoms = packBatch(prepared).atoms
    const before = tf.memory().numTensors
    const images = uploadImages(
      heap!,
      joinImages(prepared.map((c) => imageList(c.images!, c.runs!, { directions: false }))),
      config,
    )
    tf.tidy(() => {
      const x = tf.ones([atoms, 16])
      const a = tf.fill([atoms, 4], -0.3)
      const projection = tf.ones([1, 4, 4, 64])
      tf.grad((q) => periodicAttention({ q, k: x, v: x, a, projection }, images, images.windows[1]).sum())(x)
    })
    images.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
}
