// A file of torch.save as data: the object that was saved, and the numbers of its tensors on demand. Reads the zip layout
// that torch writes since version 1.6.

import { LimitError, WeightsError } from '../errors.ts'
import { insteadOf } from '../instead.ts'
import { torchHost } from './globals.ts'
import { MAX_PICKLE_BYTES, unpickle } from './pickle.ts'
import { elementsOf, gather, type TorchTensor } from './tensor.ts'
import { isZip, openZip } from './zip.ts'

/** Largest file that is read. */
export const MAX_FILE_BYTES = 2 ** 28
/** Numbers that one file may give, all tensors together; the largest published network has 1.5 million. */
const MAX_ELEMENTS = 2 ** 25

export interface TorchFile {
  /** What was saved: Maps, arrays, plain values and tensors. */
  readonly value: unknown
  /** The numbers of a tensor in row-major order. @throws WeightsError when its storage is damaged; LimitError */
  read(tensor: TorchTensor): Float64Array
}

/**
 * Opens a .ckpt, .pt or .pth file.
 * @throws WeightsError for a file that is damaged, of the old layout, or that names code; LimitError beyond the bounds.
 */
export function readTorchFile(bytes: Uint8Array, file = 'checkpoint'): TorchFile {
  if (bytes.length > MAX_FILE_BYTES) {
    throw new LimitError(`${file}: ${bytes.length} bytes, at most ${MAX_FILE_BYTES} are read`)
  }
  if (!isZip(bytes)) throw new WeightsError(`${file}: ${whatItIs(bytes)}`)
  const archive = openZip(bytes, file)
  const roots = archive.names.filter((name) => /^[^/]+\/data\.pkl$/.test(name))
  if (roots.length === 0) refuseArchive(archive.names, file)
  if (roots.length !== 1) {
    throw new WeightsError(
      `${file}: a zip archive with ${roots.length} data.pkl, expected one; was it written by torch.save?`,
    )
  }
  const root = roots[0].slice(0, -'data.pkl'.length)
  if (archive.has(`${root}constants.pkl`)) {
    throw new WeightsError(
      `${file}: a TorchScript program, expected weights: save its state_dict() with torch.save`,
    )
  }
  const value = unpickle(archive.read(roots[0], MAX_PICKLE_BYTES), torchHost(file), file)
  const little = readByteOrder(
    archive.has(`${root}byteorder`) ? archive.read(`${root}byteorder`) : undefined,
    file,
  )
  const storages = new Map<string, Uint8Array>()
  let elements = 0
  return {
    value,
    read(tensor) {
      const { key, length, dtype } = tensor.storage
      elements += elementsOf(tensor)
      if (!(elements <= MAX_ELEMENTS)) {
        throw new LimitError(
          `${file}: a tensor of shape [${tensor.shape}] goes beyond the ${MAX_ELEMENTS} numbers that are read`,
        )
      }
      const data = storages.get(key) ?? archive.read(`${root}data/${key}`)
      storages.set(key, data)
      if (data.length !== length * dtype.bytes) {
        throw new WeightsError(
          `${file}: storage ${key} has ${data.length} bytes, expected ${length} of ${dtype.name}`,
        )
      }
      return gather(tensor, data, little)
    },
  }
}

/** @throws WeightsError for an archive of checkpoints, as the authors publish them */
function refuseArchive(names: readonly string[], file: string): void {
  const inside = names.filter((name) => /\.(ckpt|pt|pth|safetensors)$/i.test(name))
  if (inside.length === 0) return
  const shown = inside.slice(0, 12).join(', ')
  throw new WeightsError(
    `${file}: a zip archive with ${inside.length} checkpoints in it: ${shown}${inside.length > 12 ? ', …' : ''}; unzip it, ` +
      'and import one of them',
  )
}

function readByteOrder(bytes: Uint8Array | undefined, file: string): boolean {
  if (bytes === undefined) return true
  const order = new TextDecoder().decode(bytes.subarray(0, 16))
  if (order !== 'little' && order !== 'big') {
    throw new WeightsError(`${file}: byte order ${JSON.stringify(order)}, expected little or big`)
  }
  return order === 'little'
}

/** The number that opens a file of torch.save before version 1.6: a pickle of 0x1950a86a20f9469cfc6c. */
const OLD_MAGIC = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
const PICKLE = 0x80

/** What a file is that is no zip archive, and what to do. */
function whatItIs(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file'
  const instead = insteadOf(bytes, 'checkpoint')
  if (instead !== undefined) return instead
  const resave =
    'open it with torch 1.6 or newer and save it again: torch.save(torch.load(file, map_location="cpu"), new_file)'
  if (OLD_MAGIC.every((byte, n) => bytes[n] === byte)) return `the layout of torch before 1.6; ${resave}`
  if (new TextDecoder().decode(bytes.subarray(257, 262)) === 'ustar')
    return `the tar layout of torch before 0.1.10; ${resave}`
  if (bytes[0] === PICKLE) return `a bare pickle, which this reader does not take; ${resave}`
  return 'not a file of torch.save: it does not begin like a zip archive'
}
