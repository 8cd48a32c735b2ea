// Gradients by several threads, each with an engine of its own: a micro-batch is divided into shares, and their
// gradients are summed in a fixed order, so that the same number of threads gives the same numbers.

import * as tf from '@tensorflow/tfjs-core'
import type { NetworkConfig } from '../../../models/network.ts'
import { networkOf } from '../../../models/registry.ts'
import type { BackendName } from '../../engines/backends.ts'
import { TrainingError } from '../../errors.ts'
import type { GeometrySpec } from '../../periodic/types.ts'
import { beside, startThread, type ThreadFile } from '../../threads.ts'
import { addGradients, chosen, type GradientSource, type TargetedBatch } from '../gradients.ts'
import { sharesOf } from '../micro-batches.ts'
import type { TrainingOptions } from '../options.ts'
import type { TensorMap } from '../tensors.ts'
import { type Answer, type HelperData, type Slot, sharedParameters, slots, type Task } from './protocol.ts'

/**
 * `local` and `helpers` threads beside it.
 * @param backend what the helpers start: the one of `local`
 * @throws TrainingError when a thread does not start.
 */
export async function threadedGradients(
  local: GradientSource,
  backend: BackendName,
  config: NetworkConfig,
  geometry: GeometrySpec,
  { loss }: Pick<TrainingOptions, 'loss'>,
  helpers: number,
): Promise<GradientSource> {
  const places = slots(config)
  const { isTrainable, module } = networkOf(config)
  const trained = places.filter(({ name }) => isTrainable(name))
  const parameters = sharedParameters(config)
  const started = await Promise.all(
    Array.from({ length: helpers }, () =>
      startHelper({
        module,
        backend,
        config,
        geometry,
        loss,
        parameters,
        gradients: sharedParameters(config),
      }),
    ),
  )
  return {
    threads: 1 + helpers,
    ofMicroBatch: async (current, batch, count) => {
      const sizes = batch.crystals.map(({ atoms }) => atoms)
      const width = batch.targets.length / sizes.length
      const [own, ...others] = sharesOf(sizes, 1 + helpers).map((indices) => chosen(batch, indices, width))
      share(current, places, parameters)
      const busy = started.flatMap((helper, n) =>
        others[n].crystals.length > 0 ? [helper.gradient(others[n], count)] : [],
      )
      const [sum, theirs] = await Promise.all([local.ofMicroBatch(current, own, count), Promise.all(busy)])
      for (const { gradients } of theirs) addGradients(sum.gradients, received(gradients, trained))
      return { loss: theirs.reduce((total, { loss }) => total + loss, sum.loss), gradients: sum.gradients }
    },
    close: async () => {
      await Promise.all(started.map((helper) => helper.stop()))
    },
  }
}

interface Helper {
  readonly gradient: (
    batch: TargetedBatch,
    count: number,
  ) => Promise<{ loss: number; gradients: Float32Array }>
  readonly stop: () => Promise<unknown>
}

async function startHelper(data: HelperData): Promise<Helper> {
  const worker = startThread<HelperData>(HELPER, data)
  let end: Answer | undefined
  // Settles the promise of whoever waits; a helper has one task at a time.
  let settle: (answer: Answer) => void = () => {}
  const next = () =>
    new Promise<Answer>((resolve) => {
      worker.ref()
      settle = (answer) => {
        // An idle helper must not keep the process alive, such as when the run fails before it begins.
        worker.unref()
        resolve(answer)
      }
      if (end) settle(end)
    })
  const finish = (error: string) => {
    end ??= { error }
    settle(end)
  }
  worker.on('message', (answer: Answer) => settle(answer))
  worker.on('error', (error) => finish(error.message))
  worker.on('exit', (code) => finish(`it ended with code ${code}`))
  checked(await next())
  return {
    gradient: async (batch, count) => {
      const answered = next()
      worker.postMessage({ batch, count } satisfies Task)
      return { loss: checked(await answered).loss!, gradients: new Float32Array(data.gradients) }
    },
    stop: () => worker.terminate(),
  }
}

function checked(answer: Answer): Answer {
  if (answer.error === undefined) return answer
  throw new TrainingError(`a thread of training failed: ${answer.error}; try again with one thread`)
}

/** The helper's file lies beside this one. */
const HELPER: ThreadFile = {
  script: beside(import.meta.url, 'training.helper.js'),
  source: './helper.ts',
  from: import.meta.url,
}

function share(parameters: TensorMap, places: readonly Slot[], buffer: SharedArrayBuffer): void {
  const values = new Float32Array(buffer)
  for (const { name, start } of places) values.set(parameters.get(name)!.dataSync(), start)
}

function received(values: Float32Array, places: readonly Slot[]): TensorMap {
  return new Map(
    places.map(({ name, shape, start, end }) => [name, tf.tensor(values.subarray(start, end), [...shape])]),
  )
}
