// Which tfjs backend trains. The native ones are optional peers that may be missing, installed without their binary, or
// too old for this Node; a missing one is passed over with its reason, unless it was asked for by name.

import { createRequire } from 'node:module'
import { TrainingError } from '../errors.ts'
import { BACKENDS, type BackendName, type Engine } from './engine.ts'
import { makeCurrent } from './global.ts'
import { heapOf, useTensorflow } from './tensorflow.ts'
import { useWasm } from './wasm.ts'

interface Candidate {
  readonly about: string
  /** What to do when it is not there. */
  readonly nextStep: string
  readonly start: () => Promise<Pick<Engine, 'heap' | 'takesHelpers'>>
}

const CANDIDATES = {
  'tensorflow-gpu': {
    about: 'TensorFlow on a CUDA GPU',
    nextStep: 'npm install @tensorflow/tfjs-node-gpu@4.22.0 (needs the CUDA libraries), or choose "wasm"',
    start: useGpu,
  },
  tensorflow: {
    about: 'TensorFlow on the CPU',
    nextStep: 'npm install @tensorflow/tfjs-node@4.22.0 (or npm run setup:tensorflow), or choose "wasm"',
    start: useCpu,
  },
  wasm: {
    about: 'WebAssembly with SIMD, built in',
    nextStep: 'choose "cpu"',
    start: async () => ({ heap: await useWasm(), takesHelpers: true }),
  },
  cpu: {
    about: 'plain JavaScript, for tests',
    nextStep: 'reinstall @tensorflow/tfjs',
    start: useJavaScript,
  },
  webgpu: {
    about: 'a GPU through WebGPU',
    nextStep:
      'npm install @tensorflow/tfjs-backend-webgpu@4.22.0 webgpu (on Node, a WebGPU adapter), or choose "wasm"',
    start: useWebGpu,
  },
} satisfies Record<BackendName, Candidate>

/**
 * The order of 'auto'. On a CPU, TensorFlow's products are faster, but our kernels run on one thread beside it and on
 * several in WebAssembly, which also is the same on every machine and takes half the memory. webgpu is not in it: in Node it is an emulation on most machines, slower than wasm.
 */
const AUTOMATIC: readonly BackendName[] = ['tensorflow-gpu', 'wasm', 'tensorflow', 'cpu']

/**
 * Makes an engine and says which and why; its backend is the current one of tfjs from then on. 'auto' takes the first that starts of TensorFlow on a GPU,
 * WebAssembly, TensorFlow on the CPU, plain JavaScript.
 * @throws TrainingError when the backend asked for does not start, with the cause and the next step.
 */
export async function selectBackend(name: 'auto' | BackendName = 'auto'): Promise<Engine> {
  if (name !== 'auto') {
    const { about, nextStep, start } = candidate(name)
    try {
      return { name, reason: `${about}, as asked for`, passedOver: [], ...(await start()) }
    } catch (cause) {
      throw new TrainingError(`backend "${name}": ${explain(cause)}; ${nextStep}`, { cause })
    }
  }
  const passedOver: { name: BackendName; why: string }[] = []
  for (const each of AUTOMATIC) {
    try {
      const started = await CANDIDATES[each].start()
      return {
        name: each,
        reason: `${CANDIDATES[each].about}, the fastest that is here`,
        passedOver,
        ...started,
      }
    } catch (cause) {
      passedOver.push({ name: each, why: explain(cause) })
    }
  }
  const reasons = passedOver.map((p) => `${p.name}: ${p.why}`).join('; ')
  throw new TrainingError(`no backend starts (${reasons}); reinstall crystal-onnx`)
}

function candidate(name: BackendName): Candidate {
  if (!Object.hasOwn(CANDIDATES, name)) {
    throw new TrainingError(`backend "${name}" is not one of auto, ${BACKENDS.join(', ')}`)
  }
  return CANDIDATES[name]
}

/** The first line of what went wrong; a missing package as such. */
export function explain(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string }
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
    // "Cannot find module 'x'" of a file inside an installed package means that its native binary was not fetched.
    const missing = /Cannot find (?:module|package) '([^']+)'/.exec(message ?? '')?.[1] ?? 'its package'
    return /\.node$|^[/\\.]|^[A-Z]:/.test(missing)
      ? `its native binary is missing (${missing})`
      : `${missing} is not installed`
  }
  if (/native addon/.test(message ?? '')) return 'its native binary was not fetched when it was installed'
  return (message ?? String(cause)).split('\n')[0].trim()
}

/** What is left to the operations of tfjs. */
const WITHOUT_HEAP = { heap: undefined, takesHelpers: false }

async function useJavaScript() {
  await makeCurrent('cpu')
  return WITHOUT_HEAP
}

async function useCpu() {
  return { heap: heapOf(await useTensorflow('@tensorflow/tfjs-node')), takesHelpers: false }
}

/** Without a GPU that it can use, TensorFlow would train on the CPU and say nothing. */
async function useGpu() {
  const { isUsingGpuDevice } = await useTensorflow('@tensorflow/tfjs-node-gpu')
  if (!isUsingGpuDevice) throw new Error('TensorFlow finds no GPU that it can use')
  return WITHOUT_HEAP
}

async function useWebGpu() {
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
  return WITHOUT_HEAP
}
