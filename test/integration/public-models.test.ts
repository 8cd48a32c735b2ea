// Public models of TensorFlow.js are exported and agree with tfjs at sizes that were not recorded, or are refused by the name of
// the node. Long: a quarter of an hour where two cores are all that there is. `npm run bench -- exporter` has all of them.

import { describe, expect, it } from 'vitest'
import { CHECKER, check, python } from '../exporters/onnx/checker.ts'
import { fetched, PACKAGES } from './public-models.ts'

const MINUTES = 10 * 60_000

describe.each(PACKAGES)('$name', (entry) => {
  const found = fetched(entry)
  if ('missing' in found) {
    it.skip(`skipped: ${found.missing}`, () => {})
    return
  }
  const models = new Map<string, Uint8Array>()
  const short = entry.models(found.folder).filter(({ name }) => !entry.long?.includes(name))
  it.each(short.map((model) => [model.name, model] as const))(
    '%s',
    async (name, model) => {
      const reason = entry.refused?.[name]
      const exported = model.export(entry.inputs?.[name])
      if (reason) return expect(exported).rejects.toThrow(reason)
      const { bytes, verified } = await exported
      // What agrees less well says so in a note: rounding alone moves it as far.
      expect(verified?.error).toBeLessThan(1e-2)
      models.set(name, bytes)
    },
    MINUTES,
  )

  it.skipIf(!python)(`are valid: ${CHECKER}`, () => expect(check(models)).toEqual({}), MINUTES)
})
