// What native libraries read from the environment of the process, set before they are loaded. A value that somebody
// chose stays. In a worker thread `process.env` is a copy that they do not see: open.ts runs them in a process there.

import { type NodeDevice, nodeRow } from './devices.ts'

/** `env` as the libraries of a device are to find it; changed in place. */
export function setEnvironment(env: NodeJS.ProcessEnv, device: NodeDevice): void {
  withoutTelemetry(env)
  if (nodeRow(device).library) keepFloat32(env)
}

/**
 * onnxruntime (1.29 and later, but on Windows) keeps a device id and a database of events under the home folder, the
 * metadata of every model that it opens among them, and sends them. It also matches a regular expression against the
 * command line, whose recursion overflows the stack from some 15 kB of arguments on. ORT_DISABLE_TELEMETRY=0 has it on.
 */
export function withoutTelemetry(env: NodeJS.ProcessEnv): void {
  env.ORT_DISABLE_TELEMETRY ??= '1'
}

/**
 * NVIDIA's libraries round the factors of float32 products to TF32, ten bits, unless they are told not to; no golden
 * sample survives that. onnxruntime-node has no option for it.
 */
export function keepFloat32(env: NodeJS.ProcessEnv): void {
  env.NVIDIA_TF32_OVERRIDE ??= '0'
}
