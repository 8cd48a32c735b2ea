// What the page takes in at most. Files come from anywhere, and a browser tab has little memory.

export const LIMITS = {
  /** of one structure file */
  fileBytes: 128 * 2 ** 20,
  /** of what one packed file unpacks to */
  unpackedBytes: 256 * 2 ** 20,
  /** of one drop */
  files: 50_000,
  /** of all files together */
  structures: 50_000,
  /** of one .onnx file */
  modelBytes: 512 * 2 ** 20,
  /** of the crystals that are kept for the next visit, and of a model of the user's beside them */
  sessionBytes: 256 * 2 ** 20,
  sessionModelBytes: 64 * 2 ** 20,
} as const

/** 16 MiB */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}
