// Public models of TensorFlow.js are exported and agree with tfjs at sizes that were not recorded, or are refused by the name of
// the node. Long: half an hour where two cores are all that there is.

import { readFileSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { convertModel } from '../../exporters/onnx/convert.ts'
import { parseModelJson, withWeights } from '../../exporters/onnx/model-json.ts'
import { CHECKER, check, python } from '../exporters/onnx/checker.ts'
import { beside, fetched, modelsOf, PACKAGES } from './public-models.ts'

const MINUTES = 10 * 60_000

describe.each(PACKAGES)('$name', (entry) => {
  const found = fetched(entry)
  if ('missing' in found) {
    it.skip(`skipped: ${found.missing}`, () => {})
    return
  }
  const models = new Map<string, Uint8Array>()
  it.each(modelsOf(entry, found.folder).map((file) => [relative(found.folder, file), file]))(
    '%s',
    async (name, file) => {
      const json = parseModelJson(readFileSync(file, 'utf8'), name)
      const weights = json.groups.flatMap(({ paths }) => beside(file, paths))
      const model = basename(name, '.json')
      const reason = entry.refused?.[model]
      const inputs = entry.inputs?.[model]
      const converted = convertModel(json.kind, withWeights(json, weights), name, inputs && { inputs })
      if (reason) return expect(converted).rejects.toThrow(reason)
      const { bytes, verified } = await converted
      // What agrees less well says so in a note: rounding alone moves it as far.
      expect(verified?.error).toBeLessThan(1e-2)
      models.set(name, bytes)
    },
    MINUTES,
  )

  it.skipIf(!python)(`are valid: ${CHECKER}`, () => expect(check(models)).toEqual({}), MINUTES)
})
