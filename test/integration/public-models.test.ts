// Public models of TensorFlow.js are exported and agree with tfjs at sizes that were not recorded, or are refused by the name of
// the node. Long: a quarter of an hour where two cores are all that there is. `npm run bench -- exporter` has all of them.

import ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import type { ExportResult } from '../../exporters/onnx/options.ts'
import { CHECKER, check, python } from '../exporters/onnx/checker.ts'
import {
  differencesInPython,
  hasPythonOnnxruntime,
  type Numbers,
  PYTHON_ONNXRUNTIME,
  type Ran,
} from '../exporters/onnx/python-onnxruntime.ts'
import { givenInputs } from './public-model.ts'
import { fetched, PACKAGES } from './public-models.ts'

const MINUTES = 10 * 60_000
/** Sums in another order, through a hundred layers. */
const ANOTHER_BUILD = 1e-3

async function runHere(result: ExportResult): Promise<Ran> {
  const inputs = Object.fromEntries(givenInputs(result).map(({ name, ...given }) => [name, given]))
  const session = await ort.InferenceSession.create(result.bytes)
  const feeds = Object.entries(inputs).map(([name, { dtype, data, dims }]) => [
    name,
    new ort.Tensor(dtype, data as Float32Array, dims),
  ])
  const outputs = await session.run(Object.fromEntries(feeds))
  await session.release()
  return { bytes: result.bytes, inputs, outputs: new Map(Object.entries(outputs) as [string, Numbers][]) }
}

describe.each(PACKAGES)('$name', (entry) => {
  const found = fetched(entry)
  if ('missing' in found) {
    it.skip(`skipped: ${found.missing}`, () => {})
    return
  }
  const models = new Map<string, Uint8Array>()
  const ran: Ran[] = []
  const short = entry.models(found.folder).filter(({ name }) => !entry.long?.includes(name))
  it.each(short.map((model) => [model.name, model] as const))(
    '%s',
    async (name, model) => {
      const reason = entry.refused?.[name]
      const exported = model.export(entry.inputs?.[name])
      if (reason) return expect(exported).rejects.toThrow(reason)
      const result = await exported
      // What agrees less well says so in a note: rounding alone moves it as far.
      expect(result.verified?.error).toBeLessThan(1e-2)
      models.set(name, result.bytes)
      ran.push(await runHere(result))
    },
    MINUTES,
  )

  it.skipIf(!python)(`are valid: ${CHECKER}`, () => expect(check(models)).toEqual({}), MINUTES)

  it.skipIf(!hasPythonOnnxruntime)(
    `give the same numbers in ${PYTHON_ONNXRUNTIME}`,
    () => expect(differencesInPython(ran, ANOTHER_BUILD)).toEqual([]),
    MINUTES,
  )
})
