// Archives and pickles that no sane program writes. The zip writer is fflate's; the pickles are put together by hand,
// instruction by instruction, as Python's pickletools documents them.

import { strToU8, zipSync } from 'fflate'

export const bytesOf = strToU8

/** A zip archive; stored unless a level is given. */
export function archive(members: Record<string, Uint8Array>, level: 0 | 9 = 0): Uint8Array {
  return zipSync(members, { level })
}

/** A checkpoint whose pickle is given, with storages by key. */
export function saved(
  pickle: Uint8Array,
  storages: Record<string, Uint8Array> = {},
  level: 0 | 9 = 0,
): Uint8Array {
  const data = Object.fromEntries(Object.entries(storages).map(([key, bytes]) => [`x/data/${key}`, bytes]))
  return archive({ 'x/data.pkl': pickle, ...data }, level)
}

/** Instructions and their arguments one after another: text as its bytes, numbers as one byte each. */
export function pickle(...parts: (string | number | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Uint8Array.of(part) : typeof part === 'string' ? strToU8(part) : part,
    ),
  )
}

/** BINUNICODE */
export function text(value: string): Uint8Array {
  return pickle('X', uint32(strToU8(value).length), value)
}

export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

/** BININT of each, as a tuple */
export function tuple(values: readonly number[]): Uint8Array {
  return pickle('(', ...values.flatMap((value) => ['J', uint32(value)]), 't')
}

/** A tensor of float32 as torch's _rebuild_tensor_v2 makes it. */
export function tensor(
  key: string,
  length: number,
  shape: number[],
  strides: number[],
  offset = 0,
): Uint8Array {
  return pickle(
    ...[
      'ctorch._utils\n_rebuild_tensor_v2\n',
      '(',
      '(',
      text('storage'),
      'ctorch\nFloatStorage\n',
      text(key),
    ],
    ...[text('cpu'), 'J', uint32(length), 't', 'Q', 'J', uint32(offset), tuple(shape), tuple(strides)],
    ...[0x89, 'ccollections\nOrderedDict\n', ')', 'R', 't', 'R'],
  )
}
