// What a server and its models say of themselves.

import { VERSION } from '../version.ts'
import { outputsOf } from './infer.ts'
import { INPUTS } from './inputs.ts'
import type { Version } from './versions.ts'

export const SERVER_METADATA = {
  name: 'crystal-onnx',
  version: VERSION,
  extensions: ['binary_tensor_data', 'model_repository'],
}

/** @param name under which it is served */
export function modelMetadata(name: string, { version, model }: Version) {
  const { card, device, engine } = model
  return {
    name,
    versions: [version],
    platform: 'crystal-onnx',
    inputs: INPUTS,
    outputs: [...outputsOf(model).values()].map(({ metadata }) => metadata),
    parameters: {
      architecture: card.architecture,
      targets: card.targets.map(({ name, unit }) => ({ name, unit })),
      elements: card.elements,
      ...{ device, engine },
    },
  }
}
