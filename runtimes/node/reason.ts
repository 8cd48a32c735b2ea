// What onnxruntime's messages mean. They hold source files, C++ types and line numbers, and leave out which library is
// missing.

import { type NodeDevice, nodeRow } from './devices.ts'
import { librariesOf, providerLibrary } from './libraries.ts'

const LONGEST = 300

/** The part of an onnxruntime message that tells a user something, on one line. */
export function plainReason(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim()
  const cuda = /\bCU\w+ failure \d+: [^;]*[^; ]/.exec(line)?.[0]
  const told = cuda ?? line.replace(/^\/onnxruntime_src\/.* was false\. /, '')
  return told.length > LONGEST ? `${told.slice(0, LONGEST)}…` : told
}

/** Why a provider does not open: its message, or the libraries that the message keeps to itself. */
export async function whyNotOpened(device: NodeDevice, message: string): Promise<string> {
  const { library } = nodeRow(device)
  if (!library || !message.includes('Failed to load shared library')) return plainReason(message)
  const libraries = await librariesOf(providerLibrary(library))
  const missing = libraries?.filter(({ path }) => path === undefined).map(({ name }) => name) ?? []
  return missing.length > 0
    ? `its provider library needs ${missing.join(', ')}, not found on this system`
    : 'its provider library cannot be loaded'
}
