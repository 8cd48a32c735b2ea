// Exporting a crystal model in Node, where onnxruntime checks the file.

import { defaultThreads, openNode } from '../../runtimes/node/open.ts'
import { type CrystalExportOptions, type CrystalExportResult, exportedFile } from './exported-file.ts'
import type { OpenFile } from './opening.ts'

/**
 * Exports a model and evaluates its golden samples with onnxruntime before returning it.
 * @throws WeightsError for weights that do not fit or were never trained; ConfigError for targets or a geometry that
 *   cannot be; ExportError when the graph cannot be made, disagrees with the float64 reference, or fewer bits move the
 *   property too much.
 */
export async function exportCrystalModel(options: CrystalExportOptions): Promise<CrystalExportResult> {
  return exportedFile(options, openInNode)
}

/** Evaluators on the processor. */
export const openInNode: OpenFile = (model, { engine, parallel = false }) =>
  openNode(model, { engine, device: 'cpu', threads: parallel ? defaultThreads() : 1, worker: parallel })
