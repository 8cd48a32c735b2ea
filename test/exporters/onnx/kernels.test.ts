// Every lowering against tfjs: each row is recorded at a few small sizes and compared, here and not by the exporter, at
// sizes that were not recorded.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { LOWERINGS } from '../../../exporters/onnx/lower/index.ts'
import { CHECKER, check, python } from './checker.ts'
import { ROWS } from './kernels/index.ts'
import { reduceRows } from './kernels/reduce.ts'
import { type Row, UNSEEN } from './kernels/row.ts'
import { shapeRows } from './kernels/shape.ts'
import { disagreements, hasOnnxReference, ONNX_REFERENCE } from './onnx-reference.ts'
import { evaluated, expectSame, specs } from './session.ts'

const title = ({ kernel, about }: Row) => (about ? `${kernel}, ${about}` : kernel)
/** Rows about what is made without a kernel on the tape. */
const UNTAPED = new Set(['Fill', 'Range'])

beforeAll(() => tf.setBackend('cpu'))

describe('kernels', () => {
  const models = new Map<string, Uint8Array>()

  it.each(ROWS.map((row) => [title(row), row] as const))('%s', async (name, row) => {
    const result = await exportOnnx(row.fn, specs(row.inputs), { verify: false })
    models.set(name, result.bytes)
    if (!UNTAPED.has(row.kernel)) expect(Object.keys(result.kernels)).toContain(row.kernel)
    await expectSame(row.fn, row.inputs, result, row.at ?? UNSEEN, row.tolerance)
  })

  it.skipIf(!python)(`are valid: ${CHECKER}`, () => {
    expect(models.size).toBe(ROWS.length)
    expect(check(models)).toEqual({})
  })

  it('all have a row', () => {
    const tested = new Set(ROWS.map(({ kernel }) => kernel))
    expect([...LOWERINGS.keys()].filter((kernel) => !tested.has(kernel))).toEqual([])
  })

  it.each([18, 19, 20, 21])('in opset %i', async (opset) => {
    for (const row of [...reduceRows, ...shapeRows]) {
      const result = await exportOnnx(row.fn, specs(row.inputs), { opset, verify: false })
      await expectSame(row.fn, row.inputs, result, row.at ?? UNSEEN, row.tolerance)
    }
  })

  it.skipIf(!hasOnnxReference)(`are evaluated as by ${ONNX_REFERENCE}`, () => {
    expect(evaluated.length).toBeGreaterThan(ROWS.length)
    expect(disagreements(evaluated)).toEqual([])
  })
})
