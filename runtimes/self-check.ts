// Evaluates the golden samples of a card on a device and compares them with the stored float64 values, before the
// device is trusted. WebGPU and CUDA results have been silently wrong in released versions of onnxruntime.

import { type Structure, structure } from '../src/crystal/structure.ts'
import { DeviceError, ModelFileError } from '../src/errors.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { groupAlike } from '../src/periodic/group.ts'
import { expectedImages } from '../src/periodic/neighbours.ts'
import { prepareCrystal } from '../src/periodic/prepare.ts'
import { type Card, relativeError } from './card.ts'
import { OUTPUT, type Runtime } from './runtime.ts'

/** Images of all golden samples together at most, so that no file takes minutes to load; usual ones have 10,000. */
const MAX_IMAGES = 2 ** 21
/** A device that needs longer for the golden samples is of no use, or the file was made to take long. */
const MAX_SECONDS = 120

/**
 * The largest relative error over all golden samples and targets, run in batches as predictions are.
 * @throws ModelFileError for samples that would take too long; DeviceError for a device that does, or naming sample,
 *   expected and found value when it exceeds the card's tolerance or is not a number.
 */
export async function selfCheck(card: Card, runtime: Runtime): Promise<number> {
  const crystals = card.golden.map((sample) => structure(sample))
  refuseEndless(card, crystals)
  const prepared = crystals.map((crystal) => prepareCrystal(crystal, card.geometry, card.elements))
  const start = performance.now()
  let worst = 0
  for (const group of groupAlike(prepared, card.max_atoms)) {
    const { [OUTPUT]: output } = await runtime.run(packBatch(group.map((n) => prepared[n])))
    if (performance.now() - start > MAX_SECONDS * 1000) {
      throw new DeviceError(
        `device ${runtime.device} needs more than ${MAX_SECONDS} seconds for the golden samples of the model`,
      )
    }
    for (const [c, n] of group.entries()) {
      const found = output.data.subarray(c * card.targets.length, (c + 1) * card.targets.length)
      worst = Math.max(worst, checked(card, runtime, card.golden[n], found))
    }
  }
  return worst
}

function refuseEndless({ geometry: { images } }: Card, crystals: readonly Structure[]): void {
  if (!images) return
  const expected = crystals.reduce((sum, crystal) => sum + expectedImages(crystal, images), 0)
  if (expected <= MAX_IMAGES) return
  throw new ModelFileError(
    `the golden samples of the model have ${Math.round(expected).toLocaleString('en-US')} periodic images in reach, ` +
      `expected at most ${MAX_IMAGES.toLocaleString('en-US')}; export it with a smaller radius or smaller samples`,
  )
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
