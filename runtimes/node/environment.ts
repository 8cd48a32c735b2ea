// What native libraries read from the environment of the process, set before they are loaded. A value that somebody
// chose stays. In a worker thread `process.env` is a copy that they do not see: open.ts runs them in a process there.

import { type NodeDevice, nodeRow } from './devices.ts'
import { withoutTelemetry } from './telemetry.ts'

/** `env` as the libraries of a device are to find it; changed in place. */
export function setEnvironment(env: NodeJS.ProcessEnv, device: NodeDevice): void {
  withoutTelemetry(env)
  if (nodeRow(device).library) keepFloat32(env)
}

/**
 * NVIDIA's libraries round the factors of float32 products to TF32, ten bits, unless they are told not to; no golden
 * sample survives that. onnxruntime-node has no option for it.
 */
export function keepFloat32(env: NodeJS.ProcessEnv): void {
  env.NVIDIA_TF32_OVERRIDE ??= '0'
}
