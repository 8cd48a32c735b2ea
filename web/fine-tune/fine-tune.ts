// Fine-tuning, from a model file and labelled crystals to another model file with its errors before and after. Runs in a
// worker; nothing here knows of the page.

import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import simd from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url'
import * as tf from '@tensorflow/tfjs-core'
import { exportCrystalModel } from '../../exporters/crystal/export-in-page.ts'
import type { CrystalExportOptions, CrystalExportResult } from '../../exporters/crystal/exported-file.ts'
import { configure } from '../../models/registry.ts'
import type { Card } from '../../runtimes/card.ts'
import type { Provenance } from '../../runtimes/card-provenance.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { trainedFile } from '../../runtimes/trained-file.ts'
import { readModel } from '../../runtimes/web/source.ts'
import { type LabelledCrystal, labelledCrystal } from '../../src/data/labelled.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { useWasm } from '../../src/engines/wasm.ts'
import { DatasetError, ExportError } from '../../src/errors.ts'
import { momentsOf } from '../../src/math/moments.ts'
import { maeOfMean } from '../../src/training/against.ts'
import { type Evaluation, evaluate, labelledWith } from '../../src/training/evaluate.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import { trainInMemory } from '../../src/training/in-memory.ts'
import type { TrainingOptionsInput } from '../../src/training/options.ts'
import { sitesOf, unpacked } from '../crystals/batch.ts'
import { dealt, FEWEST_LABELLED } from './held-out.ts'
import { BATCH, LIMITS } from './limits.ts'
import type { Epoch, FineTuned, Request, Stage } from './protocol.ts'

/** Told of what happens. */
export interface Listener {
  stage(stage: Stage): void
  epoch(epoch: Epoch): void
}

/** The level at which the page shows intervals. */
const LEVEL = 0.9

/** @throws CrystalOnnxError for a model or crystals that cannot be, with what to do instead */
export async function fineTuned(request: Request, on: Listener): Promise<FineTuned> {
  const started = performance.now()
  on.stage('open')
  const { bytes } = await readModel(request.model, { cache: true })
  const from = await trainedFile(bytes, request.modelName)
  const config = configure(from.config)
  const { provenance } = readModelFile(bytes, request.modelName).card
  const name = request.target.name
  const before = request.isSame ? from.targets.find((target) => target.name === name) : undefined

  on.stage('prepare')
  const { crystals, newFormulas } = dealt(labelled(request))
  const engine = await wasmEngine()
  const geometry = { mode: from.mode, radius: from.radius }
  const judges = crystals.filter(({ split }) => split === 'test')
  const errorBefore = before && (await evaluate(engine, from.weights, config, judges, from.targets, geometry))
  const history: Epoch[] = []
  const onEvent = (event: TrainingEvent) => {
    if (event.type === 'start') on.stage('train')
    if (event.type !== 'epoch') return
    const { metrics, epochs } = event
    const train = before?.transform ? null : metrics.loss * scale
    const epoch = { epoch: metrics.epoch, epochs, train, val: metrics.val_mae?.[0] ?? null }
    history.push(epoch)
    on.epoch(epoch)
  }
  // What a standardised error of 1 is, as the training has it.
  const teachers = crystals.filter(({ split }) => split === 'train')
  const scale = before?.std ?? momentsOf(teachers.map(({ targets }) => targets[name])).std
  const run = await trainInMemory(
    {
      crystals,
      targets: [
        { name, unit: request.target.unit, ...(before?.transform && { transform: before.transform }) },
      ],
      from: { ...from, config },
      keepHead: before !== undefined,
      options: { ...optionsOf(request.epochs), ...geometry },
      onEvent,
    },
    engine,
  )
  on.stage('export')
  const test = run.test!
  const after = test.targets[0].mae!
  const { bytes: file, card } = await exported(from.radius, {
    weights: run.chosen.weights,
    ...{ config: run.config, targets: run.targets, mode: from.mode },
    training: { data: request.data, crystals: run.learned, metrics: { [`test_mae_${name}`]: after } },
    domain: run.domain,
    provenance: provenanceOf(provenance, request, run.learned),
  })
  return {
    bytes: new Uint8Array(file),
    target: card.targets[0],
    crystals: { train: run.learned, val: run.val!.n, test: test.n },
    newFormulas,
    before: errorBefore ? maeOf(errorBefore, from.targets, name) : null,
    after,
    ofMean: maeOfMean(test, run.targets)[0],
    coverage: test.intervals?.[0].find(({ level }) => level === LEVEL)?.coverage ?? null,
    test: labelledWith(test.crystals, 0).map(({ crystal: { id, formula }, actual, predicted }) => ({
      ...{ id, formula, actual, predicted },
    })),
    epochs: history,
    seconds: (performance.now() - started) / 1000,
  }
}

/**
 * With the radius that the network was trained with; where that neglects too much for values that are closer together than
 * those before, with the usual one.
 */
async function exported(radius: number | null, options: CrystalExportOptions): Promise<CrystalExportResult> {
  if (radius === null) return exportCrystalModel(options)
  try {
    return await exportCrystalModel({ ...options, geometry: { radius } })
  } catch (error) {
    if (!(error instanceof ExportError) || options.mode !== 'converged') throw error
    return exportCrystalModel(options)
  }
}

/** Small steps from where the network stands, the last ones averaged. */
function optionsOf(epochs: number): TrainingOptionsInput {
  return {
    epochs,
    batch_size: BATCH,
    learning_rate: 3e-4,
    schedule: 'cosine',
    warmup_steps: 10,
    swa_epochs: Math.floor(epochs / 5),
  }
}

/**
 * The crystals that have a label.
 * @throws DatasetError for fewer than it takes, or for more and larger ones than a page computes
 */
function labelled({ batches, labels, target }: Request): LabelledCrystal[] {
  const found: LabelledCrystal[] = []
  const large: string[] = []
  let row = 0
  for (const batch of batches) {
    for (const at of batch.files.keys()) {
      const label = labels[row++]
      if (Number.isNaN(label)) continue
      const id = `${batch.files[at]} ${batch.index[at] + 1} (${row})`
      const atoms = sitesOf(batch, at)
      if (atoms > LIMITS.atoms) large.push(`${batch.files[at]} with ${atoms}`)
      found.push(labelledCrystal({ id, structure: unpacked(batch, at), targets: [[target.name, label]] }))
    }
  }
  const instead = 'or use crystal-onnx train --from, which takes any number'
  if (found.length < FEWEST_LABELLED) {
    throw new DatasetError(
      `${found.length} crystals have a number: fine-tuning takes ${FEWEST_LABELLED} at least, of which half judge what came of it`,
    )
  }
  if (found.length > LIMITS.crystals) {
    throw new DatasetError(
      `${found.length} crystals: the page learns from ${LIMITS.crystals} at most; open fewer, ${instead}`,
    )
  }
  if (large.length === 0) return found
  throw new DatasetError(
    `${large.length} of the crystals are larger than the ${LIMITS.atoms} atoms that the page learns from (${large.slice(0, 3).join(', ')}); ` +
      `leave them out, ${instead}`,
  )
}

/** One thread: threads of tfjs would need a memory that our kernels do not share. */
async function wasmEngine(): Promise<Engine> {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  // All have to be named; one is fetched.
  setWasmPaths({
    'tfjs-backend-wasm.wasm': simd,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': simd,
  })
  return {
    ...{ name: 'wasm', reason: 'all that a page has', passedOver: [] },
    ...{ heap: await useWasm(), takesHelpers: false },
  }
}

function maeOf({ targets }: Evaluation, known: Card['targets'], name: string): number | null {
  return targets[known.findIndex((target) => target.name === name)].mae
}

/** What the file says of where it comes from. What may be done with it, whoever made it has to say. */
function provenanceOf(
  { data, teachers }: Provenance = {},
  { modelName, data: name }: Request,
  learned: number,
): Provenance {
  return {
    data: [...(data ?? []), { name: name.slice(0, 200) }],
    ...(teachers && { teachers }),
    notes: [
      `Fine-tuned in a page from ${modelName.slice(0, 200)}, with ${learned} crystals of ${name.slice(0, 200)}.`,
    ],
  }
}
