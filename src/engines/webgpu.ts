// The webgpu backend of tfjs, on Node through the package webgpu.

import { createRequire } from 'node:module'
import { makeCurrent } from './global.ts'

/** @throws Error when a package or an adapter is not there */
export async function useWebGpu(): Promise<void> {
  const load = createRequire(import.meta.url)
  const host = globalThis as { navigator?: { gpu?: unknown } }
  if (!host.navigator?.gpu) {
    const { create, globals } = load('webgpu') as { create(options: string[]): unknown; globals: object }
    Object.assign(globalThis, globals)
    Object.defineProperty(globalThis, 'navigator', {
      value: { ...host.navigator, gpu: create([]) },
      configurable: true,
    })
  }
  load('@tensorflow/tfjs-backend-webgpu')
  const gpu = host.navigator?.gpu as { requestAdapter(): Promise<unknown> }
  if (!(await gpu.requestAdapter())) throw new Error('no WebGPU adapter is here')
  await makeCurrent('webgpu')
}
