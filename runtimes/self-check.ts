// Evaluates the golden samples of a card on a device and compares them with the stored float64 values, before the
// device is trusted. WebGPU and CUDA results have been silently wrong in released versions of onnxruntime.

import { structure } from '../src/crystal/structure.ts'
import { DeviceError } from '../src/errors.ts'
import { groupAlike, packBatch, prepareCrystal } from '../src/periodic/index.ts'
import { type Card, relativeError } from './card.ts'
import { OUTPUT, type Runtime } from './runtime.ts'

/**
 * The largest relative error over all golden samples and targets, run in batches as predictions are.
 * @throws DeviceError naming sample, expected and found value when it exceeds the card's tolerance or is not a number.
 */
export async function selfCheck(card: Card, runtime: Runtime): Promise<number> {
  const prepared = card.golden.map((sample) =>
    prepareCrystal(structure(sample), card.geometry, card.elements),
  )
  let worst = 0
  for (const group of groupAlike(prepared, card.max_atoms)) {
    const { [OUTPUT]: output } = await runtime.run(packBatch(group.map((n) => prepared[n])))
    for (const [c, n] of group.entries()) {
      const found = output.data.subarray(c * card.targets.length, (c + 1) * card.targets.length)
      worst = Math.max(worst, checked(card, runtime, card.golden[n], found))
    }
  }
  return worst
}

/** The largest relative error of one golden sample. */
function checked(
  { targets, tolerance }: Card,
  { device }: Runtime,
  sample: Card['golden'][number],
  values: Float32Array,
): number {
  return targets.reduce((worst, { name, unit, std }, t) => {
    const error = relativeError(values[t], sample.value[t], std)
    if (error <= tolerance) return Math.max(worst, error)
    throw new DeviceError(
      `device ${device} is refused: golden sample "${sample.name}" gives ${name} = ${values[t]} ${unit}, expected ` +
        `${sample.value[t]} (relative error ${error.toExponential(1)}, tolerance ${tolerance})`,
    )
  }, 0)
}
