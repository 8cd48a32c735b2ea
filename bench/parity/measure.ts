// One model on one device over some crystals, profiled, with the options that the runtime opens it with. Runs in Node and
// in a page, which bring their own onnxruntime.

import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common'
import { readModelFile } from '../../runtimes/model-file.ts'
import { type Device, OUTPUT } from '../../runtimes/runtime.ts'
import { feedsOf, sessionOf } from '../../runtimes/session.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'

interface Onnxruntime {
  readonly InferenceSession: InferenceSessionFactory
  readonly Tensor: TensorConstructor
}

/** The first target of every crystal, each run alone. The profile goes where this onnxruntime writes it. */
export async function measure(
  ort: Onnxruntime,
  options: InferenceSession.SessionOptions,
  device: Device,
  bytes: Uint8Array,
  crystals: readonly Structure[],
): Promise<number[]> {
  const { card, inputs } = readModelFile(bytes)
  const opened = await ort.InferenceSession.create(bytes, { ...options, enableProfiling: true })
  const session = sessionOf(opened, ort.Tensor, device)
  const values: number[] = []
  for (const crystal of crystals) {
    const batch = packBatch([prepareCrystal(structure(crystal), card.geometry, card.elements)])
    values.push((await session.run(feedsOf(batch, inputs)))[OUTPUT].data[0])
  }
  opened.endProfiling()
  await session.release()
  return values
}
