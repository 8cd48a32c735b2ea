// Exporting a crystal model in a page, or in a worker of one. The file is checked without onnxruntime, which would have to be
// fetched: its graph in float64, its weights by the fused engine; a network that this does not compute needs onnxruntime.

import type { ModelContent } from '../../runtimes/evaluator.ts'
import { type Device, OUTPUT, runtimeOf } from '../../runtimes/runtime.ts'
import { selfCheck } from '../../runtimes/self-check.ts'
import { fusedHere } from '../../runtimes/web/fused-here.ts'
import { openGraph } from '../../runtimes/web/graph.ts'
import { DeviceError } from '../../src/errors.ts'
import { type CrystalExportOptions, type CrystalExportResult, exportedFile } from './exported-file.ts'
import { graphValues } from './float64.ts'
import type { OpenFile } from './opening.ts'

const DEVICE: Device = 'wasm'

/**
 * Exports a model and evaluates its golden samples before returning it, in the calling thread: call it in a worker.
 * @throws WeightsError for weights that do not fit or were never trained; ConfigError for targets or a geometry that
 *   cannot be; ExportError when the graph cannot be made, or disagrees with the float64 reference.
 */
export async function exportCrystalModel(options: CrystalExportOptions): Promise<CrystalExportResult> {
  return exportedFile(options, openInPage)
}

const openInPage: OpenFile = async (model, { engine }) => {
  const graph = () => openGraph(model, DEVICE, { worker: false, cache: true, threads: 1 })
  const facts = { device: DEVICE, parallel: 1 }
  try {
    const fused = runtimeOf(await fusedHere(model, graph), facts)
    if (engine === 'onnxruntime') await checkGraph(model)
    return fused
  } catch (error) {
    if (engine === 'fused' || !(error instanceof DeviceError)) throw error
    return runtimeOf(await graph(), facts)
  }
}

/** @throws DeviceError when the graph disagrees with the golden samples */
async function checkGraph({ bytes, card }: ModelContent): Promise<void> {
  const inFloat64 = graphValues(bytes, card.geometry)
  await selfCheck(card, {
    device: DEVICE,
    evaluate: async (crystals) =>
      crystals.map((crystal) => ({ rows: { [OUTPUT]: Float32Array.from(inFloat64(crystal)) }, ms: 0 })),
  })
}
