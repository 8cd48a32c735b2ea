// What is often there in place of a file that was to be downloaded.

/** A clause with the next step; undefined for what looks like neither. */
export function insteadOf(bytes: Uint8Array, what: string): string | undefined {
  const start = new TextDecoder('latin1')
    .decode(bytes.subarray(0, 256))
    .replace(/^\uFEFF|^ï»¿/, '')
    .trimStart()
  if (start.startsWith('version https://git-lfs'))
    return `a Git LFS pointer, not the ${what}; run "git lfs pull"`
  if (start.startsWith('<')) return `an HTML or XML page, not the ${what}; check the address it came from`
  return undefined
}
