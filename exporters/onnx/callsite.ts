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

/** `file:line` of the innermost frame that is neither a library's nor the exporter's; undefined where there is none. */
function lineOf(site: Error | undefined): string | undefined {
  for (const line of site?.stack?.split('\n').slice(1) ?? []) {
    const place = /\(?((?:file:\/\/)?[^()\s]+):(\d+):\d+\)?$/.exec(line.trim())
    if (!place) continue
    const file = decodeURIComponent(place[1].replace(/^file:\/\//, '')).replaceAll('\\', '/')
    if (!file.includes(OURS) && !LIBRARY.test(file)) return `${file}:${place[2]}`
  }
  return undefined
}

export const formatSite = (site: Error): string => lineOf(site) ?? 'an unknown line'

/** The node or layer of a model, the line of a function, or both. */
export function formatPlace(site: Error, path: readonly string[]): string {
  const line = lineOf(site)
  const parts = [path.length > 0 && `in "${path.join('.')}"`, line && `called from ${line}`].filter(Boolean)
  return parts.join(', ') || 'called from an unknown line'
}

/** Words for an error that say where something is, found when the error asks. */
export type Place = () => string

export const placeOf =
  (kernel: string, site: Error, path: readonly string[]): Place =>
  () =>
    `${kernel}, ${formatPlace(site, path)}`
