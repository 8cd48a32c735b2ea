// Where in the user's code a kernel was called from. Formatting a stack is slow: it is done only when an error asks.

/** Frames that may lie between the user's code and the recorder. */
const DEPTH = 60
const OURS = decodeURIComponent(new URL('.', import.meta.url).pathname)
/** Source maps show the files of tfjs under the paths that they were built from. */
const LIBRARY = /\/node_modules\/|\/tfjs-[a-z-]+\/src\/|^node:|^<anonymous>$|^native$/

/** Keeps the current stack. */
export function callSite(): Error {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = DEPTH
  const site = new Error('call site')
  Error.stackTraceLimit = limit
  return site
}

/** `file:line` of the innermost frame that is neither a library's nor the exporter's. */
export function formatSite(site: Error | undefined): string {
  for (const line of site?.stack?.split('\n').slice(1) ?? []) {
    const place = /\(?((?:file:\/\/)?[^()\s]+):(\d+):\d+\)?$/.exec(line.trim())
    if (!place) continue
    const file = decodeURIComponent(place[1].replace(/^file:\/\//, '')).replaceAll('\\', '/')
    if (!file.includes(OURS) && !LIBRARY.test(file)) return `${file}:${place[2]}`
  }
  return 'an unknown line'
}

/** Words for an error that say where something is, found when the error asks. */
export type Place = () => string

export const placeOf =
  (kernel: string, site: Error): Place =>
  () =>
    `${kernel}, called from ${formatSite(site)}`
