// A heap of our own beside TensorFlow, as a backend of tfjs that has no operations: it only holds tensors. tfjs moves a
// tensor to where it is wanted: what a kernel of ours makes is copied out when an operation of TensorFlow takes it, and
// a tensor of TensorFlow is copied in when a kernel takes it. What only kernels read never leaves.

import * as tf from '@tensorflow/tfjs-core'
import { TrainingError } from '../errors.ts'
import { FreeSpace } from './free-space.ts'
import type { KernelOf } from './global.ts'
import type { Heap } from './heap.ts'

/** What WebAssembly can address, in pages. */
const MOST_PAGES = 65_536
const PAGE_BYTES = 65_536
/** A memory that must grow grows by this at least, so that it does not for every tensor. */
const LEAST_GROWTH = 256
const MEGABYTE = 1024 ** 2

interface Place {
  readonly at: number
  readonly length: number
  readonly dtype: 'float32' | 'int32'
  owners: number
}

export class OwnHeap extends tf.KernelBackend implements Heap {
  readonly linear: WebAssembly.Memory
  private readonly free = new FreeSpace()
  private readonly places = new Map<object, Place>()

  constructor(private readonly mostPages = MOST_PAGES) {
    super()
    this.linear = new WebAssembly.Memory({ initial: 0, maximum: mostPages })
  }

  /** Bytes that tensors take, and those of the memory, which never shrinks. */
  get bytes(): { readonly used: number; readonly reserved: number } {
    return { used: this.free.used, reserved: this.linear.buffer.byteLength }
  }

  allocate = (shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): tf.Tensor => {
    const dataId = {}
    this.reserve(dataId, tf.util.sizeFromShape([...shape]), dtype, 1)
    return tf.engine().makeTensorFromDataId(dataId, [...shape], dtype, this)
  }

  offsetOf = ({ dataId }: tf.Tensor): number => {
    if (!this.places.has(dataId)) tf.engine().moveData(this, dataId)
    return this.places.get(dataId)!.at
  }

  keep = (bytes: number): number => this.take(bytes)

  /** Called by tfjs with the values of a tensor of another backend, which forgets it. */
  override move(
    dataId: object,
    values: Float32Array | Int32Array,
    shape: number[],
    dtype: 'float32' | 'int32',
    owners: number,
  ): void {
    this.values(this.reserve(dataId, tf.util.sizeFromShape(shape), dtype, owners)).set(values)
  }

  /** A copy, since the place may have another owner tomorrow. */
  override readSync(dataId: object): Float32Array | Int32Array {
    return this.values(this.places.get(dataId)!).slice()
  }

  override async read(dataId: object): Promise<Float32Array | Int32Array> {
    return this.readSync(dataId)
  }

  holds(dataId: object): boolean {
    return this.places.has(dataId)
  }

  override refCount(dataId: object): number {
    return this.places.get(dataId)?.owners ?? 0
  }

  override incRef(dataId: object): void {
    this.places.get(dataId)!.owners++
  }

  override disposeData(dataId: object, force = false): boolean {
    const place = this.places.get(dataId)
    if (!place) return true
    place.owners--
    if (!force && place.owners > 0) return false
    this.free.giveBack(place.at)
    this.places.delete(dataId)
    return true
  }

  override numDataIds(): number {
    return this.places.size
  }

  private values({ at, length, dtype }: Place): Float32Array | Int32Array {
    const { buffer } = this.linear
    return dtype === 'int32' ? new Int32Array(buffer, at, length) : new Float32Array(buffer, at, length)
  }

  private reserve(dataId: object, length: number, dtype: Place['dtype'], owners: number): Place {
    const place = { at: this.take(4 * length), length, dtype, owners }
    this.places.set(dataId, place)
    return place
  }

  private take(bytes: number): number {
    const at = this.free.take(bytes)
    if (at !== undefined) return at
    const end = this.linear.buffer.byteLength
    const [pages, room] = [
      Math.ceil(this.free.missing(bytes, end) / PAGE_BYTES),
      this.mostPages - end / PAGE_BYTES,
    ]
    try {
      if (pages > room) throw new RangeError(`${room} pages are left of ${this.mostPages}`)
      this.linear.grow(Math.min(room, Math.max(pages, LEAST_GROWTH)))
    } catch (cause) {
      const megabytes = (x: number) => Math.ceil(x / MEGABYTE)
      throw new TrainingError(
        `the batch needs more memory than WebAssembly gives: ${megabytes(bytes)} MB beside ` +
          `${megabytes(this.free.used)} MB, of ${megabytes(this.mostPages * PAGE_BYTES)} MB at most; ` +
          'lower max_batch_atoms',
        { cause },
      )
    }
    this.free.extend(end, this.linear.buffer.byteLength)
    return this.free.take(bytes)!
  }
}

const heaps = new WeakMap<tf.KernelBackend, OwnHeap>()

/** The heap beside a backend: one, however often an engine is made of it. */
export function heapBeside(backend: tf.KernelBackend): OwnHeap {
  let heap = heaps.get(backend)
  if (!heap) heaps.set(backend, (heap = new OwnHeap()))
  return heap
}

/**
 * Identity of a backend with a heap beside it. tfjs clones what a gradient will need: a tensor on the heap gets one more
 * owner, and stays.
 */
export const identityBesideHeap: KernelOf<tf.KernelBackend> = ({ inputs: { x }, backend }, stock) => {
  const heap = heaps.get(backend)
  if (!heap?.holds(x.dataId)) return stock()
  heap.incRef(x.dataId)
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }
}
