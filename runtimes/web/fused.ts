// A model on the fused engine in a browser: evaluators side by side in workers of their own, each with its own memory, so
// that a page uses several cores whether it is cross-origin isolated or not. Attention comes from onnxruntime, which is
// fetched when somebody asks for it.

import { attentionBeside } from '../attention-beside.ts'
import type { Evaluator, ModelContent } from '../evaluator.ts'
import { hosted } from '../hosted.ts'
import { pooled } from '../pool.ts'
import { type Runtime, runtimeOf } from '../runtime.ts'
import type { FusedHost } from './fused-host.ts'

const DEVICE = 'wasm'

export interface FusedOptions {
  /** Starts a worker, or gives one that has started; undefined works in the thread of the page. */
  readonly startWorker?: () => FusedHost
  /** Compiled already, for the thread of the page. */
  readonly kernels?: WebAssembly.Module
  /** Workers at most. */
  readonly threads: number
}

/**
 * @param openGraph the model on onnxruntime
 * @throws DeviceError for a network that the kernels do not compute, or when no worker starts
 */
export async function openFused(
  model: ModelContent,
  { startWorker, kernels, threads }: FusedOptions,
  openGraph: () => Promise<Evaluator>,
): Promise<Runtime> {
  if (!startWorker) {
    // What a page with workers need not fetch.
    const { fusedHere } = await import('./fused-here.ts')
    return runtimeOf(await fusedHere(model, openGraph, kernels), { device: DEVICE, parallel: 1 })
  }
  const fused = await inWorkers(model, startWorker, threads)
  const { attention, release } = attentionBeside(model.card, openGraph)
  const evaluator: Evaluator = {
    ...fused,
    attention,
    release: async () => void (await Promise.all([fused.release(), release()])),
  }
  return runtimeOf(evaluator, { device: DEVICE, parallel: threads })
}

async function inWorkers(
  model: ModelContent,
  startWorker: () => FusedHost,
  threads: number,
): Promise<Evaluator> {
  async function open() {
    const host = startWorker()
    host.open(model)
    return hosted(host, DEVICE)
  }
  const start = performance.now()
  const first = await open()
  const startMs = performance.now() - start
  const note = threads > 1 ? `${first.note}, up to ${threads} workers` : first.note
  return { ...pooled(first, { open, most: threads, startMs }), note }
}
