// Exports a random program and compares it at sizes that were not recorded.

import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { program } from './programs.ts'
import { expectSame, specs } from './session.ts'

/** Of up to nine kernels after each other, some of them sums. */
export const TOLERANCE = 1e-4

export async function exportsRightly(seed: number): Promise<void> {
  const { inputs, fn, steps } = program(seed)
  try {
    const result = await exportOnnx(fn, specs(inputs), { verify: false, unusedInputs: 'drop' })
    const used = Object.fromEntries(result.inputs.map(({ name }) => [name, inputs[name]]))
    // What an input is not needed for its numbers may be needed for its size: tfjs is given all of them.
    for (const sizes of [
      { A: 6, B: 4 },
      { A: 9, B: 15 },
    ]) {
      await expectSame(fn, inputs, result, sizes, TOLERANCE, Object.keys(used))
    }
  } catch (cause) {
    throw new Error(`seed ${seed}: ${steps.join(', ')}: ${(cause as Error).message}`, { cause })
  }
}
