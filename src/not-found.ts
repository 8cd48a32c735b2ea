// What is said of a file that is not there.

/** Node decodes names as UTF-8: of other bytes nothing is left that could be opened. */
export function notFound(path: string, what = 'file'): string {
  return path.includes('\uFFFD')
    ? 'its name is not UTF-8, so that Node cannot open it; rename it'
    : `no such ${what}`
}
