// Files that were just made are opened, as those who use them will: to check them, and to see what they make of crystals.
// What opens them is not the same in Node and in a page, and is given.

import type { EngineChoice } from '../../runtimes/engine-name.ts'
import type { ModelContent } from '../../runtimes/evaluator.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { OUTPUT, type Runtime } from '../../runtimes/runtime.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { CrystalOnnxError } from '../../src/errors.ts'
import type { GeometrySpec } from '../../src/periodic/types.ts'

/**
 * Opens a file on the processor.
 * @throws DeviceError where the engine does not compute the network
 */
export type OpenFile = (
  model: ModelContent,
  options: {
    readonly engine: EngineChoice
    /** many crystals are on their way: by all cores */
    readonly parallel?: boolean
  },
) => Promise<Runtime>

/** Values by crystal, one a target; undefined for those that cannot be predicted. */
export type ValuesByCrystal = readonly (ArrayLike<number> | undefined)[]

/** @param geometry other images than those of the card */
export async function valuesByFile(
  bytes: Uint8Array,
  crystals: readonly Structure[],
  engine: EngineChoice,
  open: OpenFile,
  geometry?: GeometrySpec,
): Promise<ValuesByCrystal> {
  const { card, inputs, outputs } = readModelFile(bytes, 'exported model')
  const described = geometry ? { ...card, geometry } : card
  const runtime = await open({ bytes, card: described, inputs, outputs }, { engine })
  try {
    const results = await runtime.evaluate(crystals, [OUTPUT])
    return results.map((result) =>
      result instanceof CrystalOnnxError ? undefined : result.rows[OUTPUT].slice(),
    )
  } finally {
    await runtime.dispose()
  }
}
