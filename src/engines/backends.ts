// The tfjs backends that train, a row each, in the order of 'auto'. Names and texts cost nothing, so that the command line
// can list them; what a backend needs is loaded when it starts.

import type { Heap } from './heap.ts'

interface Backend {
  readonly about: string
  /** What to do when it is not there. */
  readonly nextStep: string
  /** 'auto' never takes it. */
  readonly onlyByName?: true
  /** Makes it current. @throws Error when it is not there or does not start */
  readonly start: () => Promise<Started>
}

/** What a backend has besides the operations of tfjs. */
export interface Started {
  /** Where our kernels compute; without one all is left to the operations of tfjs. */
  readonly heap: Heap | undefined
  /** Whether threads of ours can compute beside it; other backends have threads of their own. */
  readonly takesHelpers: boolean
}

const WITHOUT_HEAP: Started = { heap: undefined, takesHelpers: false }

/**
 * Beside TensorFlow on the CPU our kernels run on one thread, and copies of tensors take twice the memory. WebAssembly gives
 * the same numbers on every machine, native code is faster.
 */
export const BACKEND_TABLE = {
  'tensorflow-gpu': {
    about: 'TensorFlow on a CUDA GPU',
    nextStep: 'npm install @tensorflow/tfjs-node-gpu@4.22.0 (needs the CUDA libraries), or choose "wasm"',
    start: async () => {
      await (await import('./tensorflow.ts')).useTensorflowOnGpu()
      return WITHOUT_HEAP
    },
  },
  native: {
    about: 'native code for this processor, built in',
    nextStep: 'choose "wasm"',
    start: async () => ({ heap: await (await import('./native.ts')).useNative(), takesHelpers: true }),
  },
  wasm: {
    about: 'WebAssembly with SIMD, built in',
    nextStep: 'choose "cpu"',
    start: async () => ({ heap: await (await import('./wasm.ts')).useWasm(), takesHelpers: true }),
  },
  tensorflow: {
    about: 'TensorFlow on the CPU',
    nextStep: 'npm install @tensorflow/tfjs-node@4.22.0 (or npm run setup:tensorflow), or choose "wasm"',
    start: async () => {
      const { heapOf, useTensorflow } = await import('./tensorflow.ts')
      return { heap: await heapOf(await useTensorflow('@tensorflow/tfjs-node')), takesHelpers: false }
    },
  },
  cpu: {
    about: 'plain JavaScript, for tests',
    nextStep: 'reinstall @tensorflow/tfjs',
    start: async () => {
      await (await import('./global.ts')).makeCurrent('cpu')
      return WITHOUT_HEAP
    },
  },
  webgpu: {
    about: 'a GPU through WebGPU',
    nextStep:
      'npm install @tensorflow/tfjs-backend-webgpu@4.22.0 webgpu (on Node, a WebGPU adapter), or choose "wasm"',
    // In Node it is an emulation on most machines, slower than wasm.
    onlyByName: true,
    start: async () => {
      await (await import('./webgpu.ts')).useWebGpu()
      return WITHOUT_HEAP
    },
  },
} as const satisfies Record<string, Backend>

/** What trains: a backend of tfjs. */
export type BackendName = keyof typeof BACKEND_TABLE

export const BACKENDS = Object.keys(BACKEND_TABLE) as BackendName[]

/** What 'auto' tries, in order. */
export const AUTOMATIC = BACKENDS.filter((name) => !('onlyByName' in BACKEND_TABLE[name]))
