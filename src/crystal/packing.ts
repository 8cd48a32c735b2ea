// What a file is packed in, by its first bytes, so that messages can say it. Nothing is unpacked here.

/** First bytes of packed files, what packs them so, and by which program they are unpacked. */
const PACKINGS: readonly [start: string, packing: Packing, program: string][] = [
  ['\x1f\x8b', 'gzip', 'gzip -d'],
  ['BZh91AY&SY', 'bzip2', 'bzip2 -d'],
  ['PK\x03\x04', 'zip', 'unzip'],
  ['\xfd7zXZ\0', 'xz', 'xz -d'],
  ['\x28\xb5\x2f\xfd', 'Zstandard', 'zstd -d'],
  ['7z\xbc\xaf\x27\x1c', '7-Zip', '7z x'],
  ['Rar!\x1a\x07', 'RAR', 'unrar x'],
  ['\x04\x22\x4d\x18', 'LZ4', 'lz4 -d'],
  ['\x1f\x9d', 'compress', 'gzip -d'],
]

type Packing = 'gzip' | 'bzip2' | 'zip' | 'xz' | 'Zstandard' | '7-Zip' | 'RAR' | 'LZ4' | 'compress'

const LONGEST = 10

/** What packed the bytes, and the clause that says so with the next step; undefined for what is not packed. */
export function packingOfBytes(bytes: Uint8Array): { packing: Packing; said: string } | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, LONGEST))
  const found = PACKINGS.find(([first]) => start.startsWith(first))
  if (found === undefined) return undefined
  const [, packing, program] = found
  return { packing, said: `is packed by ${packing}, which is not read here; unpack it first: ${program}` }
}
