// The graph of a model file evaluated in float64 on crystals, whose coordinates are not rounded either: what the file
// says, without what float32 makes of it. Its constants are float32 all the same, so a prediction agrees with the
// mathematics to about 1e-8.

import { OUTPUT } from '../../runtimes/runtime.ts'
import { ModelFileError } from '../../src/errors.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import type { PreparedCrystal } from '../../src/periodic/prepare.ts'
import { decodeModel } from '../onnx/proto.ts'
import { evaluateGraph } from '../onnx/reference/evaluate.ts'

/** Predictions of one crystal, one a target. @throws ModelFileError, LimitError */
export type GraphInFloat64 = (crystal: PreparedCrystal) => readonly number[]

/** @throws ModelFileError for a file that cannot be decoded */
export function graphInFloat64(bytes: Uint8Array, file = 'model'): GraphInFloat64 {
  const model = decodeModel(bytes, file)
  return (crystal) => {
    const { tensors } = packBatch([crystal], Float64Array)
    const inputs = Object.fromEntries(
      model.graph.inputs.filter(({ name }) => tensors[name]).map(({ name }) => [name, tensors[name]]),
    )
    const prediction = evaluateGraph(model, inputs).get(OUTPUT)
    if (prediction?.type === 'float64') return [...prediction.data]
    throw new ModelFileError(`${file}: the graph gives no "${OUTPUT}" of floats`)
  }
}
