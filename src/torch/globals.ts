// The names of Python that a checkpoint may call, and what they make: tensors, dtypes and plain containers. Everything
// else is refused by name; nothing is ever executed.

import { WeightsError } from '../errors.ts'
import { DTYPES, type Dtype, STORAGES } from './dtypes.ts'
import { numpyScalar, numpyType } from './numpy.ts'
import { Opaque } from './opaque.ts'
import type { PickleHost } from './pickle.ts'
import { type Storage, tensor } from './tensor.ts'

type Make = (args: readonly unknown[], spend: (count: number) => void) => unknown

/** A name of Python as the interpreter carries it. */
type Global =
  | { readonly kind: 'function'; readonly name: string; readonly make: Make }
  | { readonly kind: 'storage'; readonly name: string; readonly dtype: Dtype }
  | { readonly kind: 'dtype'; readonly name: string; readonly dtype: Dtype }

/** Names that training programs leave in the parts of a checkpoint that nobody needs here: arrays of NumPy, paths, times. */
const OPAQUE = new Set([
  ...['numpy.core.multiarray._reconstruct', 'numpy._core.multiarray._reconstruct', 'numpy.ndarray'],
  ...['numpy.core.numeric._frombuffer', 'numpy._core.numeric._frombuffer'],
  ...[
    'pathlib.Path',
    'pathlib.PosixPath',
    'pathlib.WindowsPath',
    'pathlib.PurePath',
    'pathlib.PurePosixPath',
  ],
  ...['pathlib._local.Path', 'pathlib._local.PosixPath', 'pathlib._local.WindowsPath'],
  ...['datetime.datetime', 'datetime.timedelta', 'datetime.date', 'decimal.Decimal', 'uuid.UUID'],
  ...['argparse.Namespace', 'types.SimpleNamespace', 'collections.Counter'],
])

/** What a name that is known but stands for nothing of use (a device, a layout) becomes. */
const NOTHING = null

const FUNCTIONS: Record<string, Make> = {
  'collections.OrderedDict': emptyDict,
  'builtins.dict': emptyDict,
  '__builtin__.dict': emptyDict,
  'builtins.set': newSet,
  '__builtin__.set': newSet,
  'builtins.frozenset': newSet,
  '__builtin__.frozenset': newSet,
  '_codecs.encode': latin1,
  'collections.defaultdict': () => new Map(),
  'collections.deque': ([items]) => (Array.isArray(items) ? [...items] : []),
  'numpy.dtype': numpyType,
  'numpy.core.multiarray.scalar': numpyScalar,
  'numpy._core.multiarray.scalar': numpyScalar,
  'torch.Size': ([sizes]) => sizes,
  'torch.device': () => NOTHING,
  'torch._utils._rebuild_tensor': ([storage, offset, size, stride]) => rebuild(storage, offset, size, stride),
  'torch._utils._rebuild_tensor_v2': ([storage, offset, size, stride, , , metadata]) =>
    rebuild(storage, offset, size, stride, undefined, metadata),
  'torch._utils._rebuild_tensor_v3': ([storage, offset, size, stride, , , dtype, metadata]) =>
    rebuild(storage, offset, size, stride, dtype, metadata),
  'torch._utils._rebuild_parameter': ([data]) => data,
  // the dictionary classes in which Lightning has kept hyper-parameters
  'pytorch_lightning.utilities.parsing.AttributeDict': emptyDict,
  'lightning_fabric.utilities.data.AttributeDict': emptyDict,
  'lightning.fabric.utilities.data.AttributeDict': emptyDict,
}

/** The host of a checkpoint's pickle. */
export function torchHost(file: string): PickleHost {
  return {
    find(module, name) {
      const full = `${module}.${name}`
      const global = lookUp(full)
      if (global) return global
      throw new WeightsError(
        `${file}: its pickle names ${JSON.stringify(full.slice(0, 100))}, which is not data; nothing of it was executed. ` +
          'If the file is from someone you trust, save its state_dict and hyper_parameters alone (docs/import.md)',
      )
    },
    call(callable, args, spend) {
      const global = callable as Global | null
      if (global?.kind !== 'function') throw new WeightsError(`${file}: its pickle calls what is no function`)
      try {
        return global.make(args, spend)
      } catch (cause) {
        if (!(cause instanceof WeightsError)) throw cause
        throw new WeightsError(`${file}: ${cause.message}`, { cause })
      }
    },
    build(object) {
      // The attributes of a state_dict hold its version numbers, which no entry depends on.
      if (!(object instanceof Map || object instanceof Opaque))
        throw new WeightsError(`${file}: its pickle sets attributes of what is no dictionary`)
    },
    persistent: (id) => storageOf(id, file),
  }
}

function lookUp(full: string): Global | undefined {
  if (Object.hasOwn(FUNCTIONS, full)) return { kind: 'function', name: full, make: FUNCTIONS[full] }
  if (OPAQUE.has(full)) return { kind: 'function', name: full, make: () => new Opaque(full) }
  const [, name] = /^torch\.(?:storage\.)?(\w+)$/.exec(full) ?? []
  if (name === undefined) return undefined
  const storage = STORAGES.get(name)
  if (storage) return { kind: 'storage', name: full, dtype: storage }
  const dtype = DTYPES.get(name)
  return dtype && { kind: 'dtype', name: full, dtype }
}

/** ('storage', class, key, device, number of elements) */
function storageOf(id: unknown, file: string): Storage {
  if (Array.isArray(id) && id[0] === 'storage') {
    const [, type, key, , length] = id as unknown[]
    const global = type as Global | null
    const usable = typeof key === 'string' && typeof length === 'number' && length >= 0
    if (global?.kind === 'storage' && usable) return { key, dtype: global.dtype, length }
  }
  throw new WeightsError(`${file}: its pickle refers to something that is no storage of numbers`)
}

function rebuild(
  storage: unknown,
  offset: unknown,
  size: unknown,
  stride: unknown,
  dtype?: unknown,
  metadata?: unknown,
) {
  const found = storage as Storage | null
  if (typeof found !== 'object' || found === null || !('key' in found && 'length' in found)) {
    throw new WeightsError('a tensor without a storage')
  }
  if (metadata instanceof Map && metadata.size > 0) {
    const [key] = metadata.keys()
    throw new WeightsError(
      `a tensor in storage ${found.key} is marked ${String(key).slice(0, 40)}, which is not read; save a clone of it`,
    )
  }
  const type = dtype as Global | undefined
  if (type !== undefined && type?.kind !== 'dtype')
    throw new WeightsError(`a tensor in storage ${found.key} without a dtype`)
  return tensor(found, type?.dtype ?? found.dtype, offset, size, stride)
}

function emptyDict(args: readonly unknown[]): Map<unknown, unknown> {
  if (args.length > 0)
    throw new WeightsError('a dictionary made from arguments, expected an empty one that is filled later')
  return new Map()
}

function newSet([items]: readonly unknown[], spend: (count: number) => void): Set<unknown> {
  if (items === undefined) return new Set()
  if (!Array.isArray(items)) throw new WeightsError('a set made from what is no list')
  spend(items.length)
  return new Set(items)
}

/** How protocol 2 writes bytes: as text of code points below 256. */
function latin1([text]: readonly unknown[], spend: (count: number) => void): Uint8Array {
  if (typeof text !== 'string') throw new WeightsError('bytes that are no text')
  spend(text.length)
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
