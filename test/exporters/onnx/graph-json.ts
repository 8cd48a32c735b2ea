// Graph models that tests write down as JSON: exported, and evaluated.

import ort from 'onnxruntime-node'
import { convertModel } from '../../../exporters/onnx/convert.ts'
import { parseModelJson, withWeights } from '../../../exporters/onnx/model-json.ts'
import type { ExportResult } from '../../../exporters/onnx/options.ts'
import { evaluateGraph } from '../../../exporters/onnx/reference/evaluate.ts'

export type Json = Record<string, unknown>

export async function convertedJson(json: Json, weights: Uint8Array): Promise<ExportResult> {
  const read = parseModelJson(JSON.stringify(json), 'model.json')
  return convertModel(read.kind, withWeights(read, [weights]), 'model.json')
}

/** What onnxruntime and the float64 evaluator make of rows of three. */
export async function outputs({ bytes }: ExportResult, numbers: number[]): Promise<[number[], number[]]> {
  const data = Float32Array.from(numbers)
  const dims = [data.length / 3, 3]
  const session = await ort.InferenceSession.create(bytes)
  const { y } = await session.run({ x: new ort.Tensor('float32', data, dims) })
  const evaluated = evaluateGraph(bytes, { x: { data, dims } }).get('y')!
  return [Array.from(y.data as Float32Array), Array.from(evaluated.data as Float64Array)]
}
