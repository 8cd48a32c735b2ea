// What the page takes in at most. Files come from anywhere, and a browser tab has little memory.

export const LIMITS = {
  /** of one structure file */
  fileBytes: 16 * 2 ** 20,
  /** of one drop */
  files: 500,
  /** of all files together */
  structures: 2000,
  /** of one .onnx file */
  modelBytes: 512 * 2 ** 20,
  /** atoms that the 3D view draws */
  drawnAtoms: 3000,
} as const

/** 16 MiB */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}
