// Evaluates the golden samples of a card on a device and compares them with the stored float64 values, before the
// device is trusted. WebGPU and CUDA results have been silently wrong in released versions of onnxruntime.

import { structure } from '../src/crystal/structure.ts'
import { DeviceError } from '../src/errors.ts'
import { packBatch, prepareCrystal } from '../src/periodic/index.ts'
import { type Card, relativeError } from './card.ts'
import { OUTPUT, type Runtime } from './runtime.ts'

/**
 * The largest relative error over all golden samples and targets, run as one batch.
 * @throws DeviceError naming sample, expected and found value when it exceeds the card's tolerance or is not a number.
 */
export async function selfCheck(card: Card, runtime: Runtime): Promise<number> {
  const prepared = card.golden.map((sample) =>
    prepareCrystal(structure(sample), card.geometry, card.elements),
  )
  const { [OUTPUT]: output } = await runtime.run(packBatch(prepared))
  let worst = 0
  for (const [c, sample] of card.golden.entries()) {
    for (const [t, { name, unit, std }] of card.targets.entries()) {
      const expected = sample.value[t]
      const found = output.data[c * card.targets.length + t]
      const error = relativeError(found, expected, std)
      if (!(error <= card.tolerance)) {
        throw new DeviceError(
          `device ${runtime.device} is refused: golden sample "${sample.name}" gives ${name} = ${found} ${unit}, expected ` +
            `${expected} (relative error ${error.toExponential(1)}, tolerance ${card.tolerance})`,
        )
      }
      worst = Math.max(worst, error)
    }
  }
  return worst
}
