// `export … --to triton -o REPOSITORY`: a model of a repository of Triton Inference Server.

import { basename, resolve } from 'node:path'
import type { CrystalExportResult } from '../../exporters/crystal/exported-file.ts'
import type { Layout } from '../../exporters/triton/names.ts'
import type { Output } from './output.ts'

export interface TritonOptions {
  output: string
  layout?: Layout
  name?: string
}

/** What the folder of a model is called where nobody says: as what it is made of. */
export function modelName(from: string): string {
  return basename(resolve(from))
    .replace(/\.(onnx|safetensors)$/i, '')
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
}

/** Of a file that is there. */
export async function repositoryFromFile(
  from: string,
  options: TritonOptions,
  output: Output,
): Promise<void> {
  const { readModel } = await import('../../runtimes/node/source.ts')
  const { checkSeal } = await import('../../runtimes/seal.ts')
  const { readModelFile } = await import('../../runtimes/model-file.ts')
  const { bytes, file } = await readModel(from)
  const model = readModelFile(bytes, file)
  await checkSeal(bytes, model, file)
  const layout = model.card.geometry.in_graph ? 'cells' : 'ragged'
  await place({ bytes, file }, { layout, name: modelName(from), ...options }, output)
}

/** Of a file that was just made. */
export function repositoryFromExport(
  { bytes }: CrystalExportResult,
  from: string,
  options: TritonOptions,
  output: Output,
): Promise<void> {
  return place({ bytes, file: from }, { layout: 'cells', name: modelName(from), ...options }, output)
}

async function place(
  { bytes, file }: { readonly bytes: Uint8Array; readonly file: string },
  { output: repository, layout, name }: Required<TritonOptions>,
  output: Output,
): Promise<void> {
  const { tritonModel } = await import('../../exporters/triton/model.ts')
  const { placeInRepository } = await import('../../exporters/triton/repository.ts')
  const model = await tritonModel(bytes, layout, file)
  const placed = await placeInRepository(repository, name, layout, model)
  const { goldenError = null } = model
  output.line(
    { ...placed, name, layout, bytes: model.bytes.length, golden: goldenError && { max_rel: goldenError } },
    `${placed.file}: version ${placed.version} of ${name}, layout ${layout}` +
      (goldenError === null ? '' : `, golden samples within ${goldenError.toExponential(1)} in batches`) +
      (placed.configured ? '; its config.pbtxt was there and stays' : ''),
  )
}
