// What becomes of public models of TensorFlow.js: the size of the file, how long its export takes, how far it agrees, and how
// long onnxruntime and tfjs take for one run, in turns, one thread each.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs'
import ort from 'onnxruntime-node'
import type { ExportResult } from '../exporters/onnx/options.ts'
import type { RecordedFunction } from '../exporters/onnx/recorder.ts'
import { namedOutputs } from '../exporters/onnx/results.ts'
import { type GivenInput, givenInputs, type PublicModel } from '../test/integration/public-model.ts'
import { fetched, PACKAGES } from '../test/integration/public-models.ts'
import { pythonWith } from '../test/python.ts'

const PASSES = 5

export interface ExporterRow {
  readonly package: string
  readonly version: string
  readonly model: string
  /** of the machine, where it was measured on another one than the rest */
  readonly processor?: string
  /** Why there is no file. */
  readonly refused?: string
  readonly nodes?: number
  /** of what tf2onnx makes of it, or why it makes nothing; undefined where no Python has it, and for other kinds of models */
  readonly tf2onnx?: number | string
  readonly bytes?: number
  /** of the export, its comparison with tfjs among them */
  readonly seconds?: number
  /** the largest difference at the sizes that were tried, relative to the largest number of an output */
  readonly error?: number
  /** median milliseconds of one run; of tfjs undefined where its wasm backend cannot run the model */
  readonly onnxruntime_ms?: number
  readonly wasm_ms?: number
}

export async function benchExporter(
  only: readonly string[],
  onRow: (row: ExporterRow) => void,
): Promise<ExporterRow[]> {
  const rows: ExporterRow[] = []
  const files = new Map<string, ExporterRow>()
  for (const entry of PACKAGES) {
    const found = fetched(entry)
    if ('missing' in found) throw new Error(`${entry.name}: ${found.missing}`)
    for (const model of entry.models(found.folder)) {
      if (only.length > 0 && !only.includes(model.name)) continue
      const about = { package: entry.name, version: entry.version, model: model.name }
      await tf.setBackend('cpu')
      const start = performance.now()
      const measured = await model.export(entry.inputs?.[model.name]).then(
        async (result) => ({
          ...{ nodes: result.nodes, bytes: result.bytes.length, seconds: (performance.now() - start) / 1000 },
          ...{ error: result.verified!.error, ...(await timed(model, result)) },
        }),
        (error: Error) => ({ refused: error.message }),
      )
      const row = { ...about, ...measured }
      rows.push(row)
      if (model.file) files.set(model.file, row)
      onRow(row)
    }
  }
  const peer = byTf2onnx([...files.keys()])
  const fileOf = new Map([...files].map(([file, row]) => [row, file]))
  return rows.map((row) => ({ ...row, tf2onnx: peer.get(fileOf.get(row) ?? '') }))
}

/** What tf2onnx makes of each model.json: a number of nodes, or an error. None where no Python has it. */
function byTf2onnx(files: readonly string[]): ReadonlyMap<string, number | string> {
  const python = pythonWith('import tf2onnx, tensorflow')
  if (!python) return new Map()
  const script = fileURLToPath(new URL('./peers/tf2onnx-nodes.py', import.meta.url))
  const lines = execFileSync(python, [script, ...files], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const results = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return new Map(results.map(({ file, nodes, error }) => [file, nodes ?? error]))
}

type Times = Pick<ExporterRow, 'onnxruntime_ms' | 'wasm_ms'>

async function timed(model: PublicModel, result: ExportResult): Promise<Times> {
  const given = givenInputs(result)
  const session = await ort.InferenceSession.create(result.bytes, {
    ...{ executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1 },
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
  const feeds = Object.fromEntries(
    given.map(({ name, dtype, data, dims }) => [name, new ort.Tensor(dtype, data as Float32Array, dims)]),
  )
  await tf.setBackend('wasm')
  const run = await model.load()
  const times = { onnxruntime: [] as number[], wasm: [] as number[] }
  // The first run of each is not counted; tfjs-wasm has not every kernel for every type.
  await session.run(feeds)
  const runs = await onWasm(run, given).then(
    () => true,
    () => false,
  )
  for (let pass = 0; pass < PASSES; pass++) {
    times.onnxruntime.push(await elapsed(() => session.run(feeds)))
    if (runs) times.wasm.push(await elapsed(() => onWasm(run, given)))
  }
  await session.release()
  await tf.setBackend('cpu')
  const [onnxruntime_ms, wasm_ms] = [times.onnxruntime, times.wasm].map(
    (all) => all.sort((a, b) => a - b)[Math.floor(PASSES / 2)],
  )
  return { onnxruntime_ms, wasm_ms }
}

async function onWasm(run: RecordedFunction, given: readonly GivenInput[]): Promise<void> {
  const inputs = given.map(({ name, dtype, dims, data }) => [name, tf.tensor(data, dims, dtype)] as const)
  tf.engine().startScope()
  try {
    const results = namedOutputs(await run(Object.fromEntries(inputs)))
    await Promise.all(results.map(([, tensor]) => tensor.data()))
  } finally {
    tf.engine().endScope()
    tf.dispose(inputs.map(([, tensor]) => tensor))
  }
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
