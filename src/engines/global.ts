// What tfjs keeps once for the whole process and no engine can hold: which backend is current, and which kernels each
// backend has. Both are set here, when an engine is made, and nowhere else in src/. Doing so again changes nothing.

// Not tfjs-core: its Node entry registers no gradients.
import * as tf from '@tensorflow/tfjs'

export interface KernelCall<Backend extends tf.KernelBackend = tf.KernelBackend> {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>
  readonly attrs: tf.NamedAttrMap
  readonly backend: Backend
}

/** Calls the backend's own kernel with what ours was called with. */
export type StockKernel = () => tf.TensorInfo

/** A kernel of ours. It may still call the stock one, where the backend has it, for what it does not do better. */
export type KernelOf<Backend extends tf.KernelBackend> = (
  call: KernelCall<Backend>,
  stock: StockKernel,
) => tf.TensorInfo

export type KernelsOf<Backend extends tf.KernelBackend> = Readonly<Record<string, KernelOf<Backend>>>

const ours = new WeakSet<tf.KernelFunc>()

/**
 * Makes a backend current, ready, with kernels of ours in the places of its own: for that backend alone, and every
 * result but its speed stays as it was.
 * @throws Error when it does not start
 */
export async function makeCurrent<Backend extends tf.KernelBackend>(
  name: string,
  kernels: KernelsOf<Backend> = {},
): Promise<Backend> {
  // Without this the cpu backend prints an advertisement to the console.
  tf.enableProdMode()
  if (!(await tf.setBackend(name))) throw new Error(`the ${name} backend does not start`)
  await tf.ready()
  // The stock kernels' set-up ran when the backend was made ready, so only their functions are needed.
  for (const [kernelName, kernel] of Object.entries(kernels)) placeKernel(kernelName, name, kernel)
  return tf.backend() as Backend
}

function placeKernel<Backend extends tf.KernelBackend>(
  kernelName: string,
  backendName: string,
  kernel: KernelOf<Backend>,
): void {
  const stock = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined
  if (stock && ours.has(stock.kernelFunc)) return
  if (stock) tf.unregisterKernel(kernelName, backendName)
  const kernelFunc: tf.KernelFunc = (given) =>
    kernel(given as unknown as KernelCall<Backend>, () => stock!.kernelFunc(given) as tf.TensorInfo)
  ours.add(kernelFunc)
  tf.registerKernel({ kernelName, backendName, kernelFunc })
}
