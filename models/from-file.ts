// A file of the user's that defines networks, loaded as the code that it is. Only ever one that was named for this: no
// model file and no run folder names one.

import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ConfigError } from '../src/errors.ts'
import { defineNetwork, type NetworkDefinition } from './define.ts'
import type { Network } from './network.ts'
import { networkNames, networkOf, registerNetwork } from './registry.ts'

/**
 * Runs the file and adds the networks that it defines or exports to the registry.
 * @param file path or file: address, JavaScript or TypeScript
 * @returns their names, one at least
 * @throws ConfigError when the file is not there, cannot be read as a module, or has no network
 */
export async function importNetworks(file: string): Promise<string[]> {
  const url = file.startsWith('file:') ? file : pathToFileURL(resolve(file)).href
  await access(fileURLToPath(url)).catch((cause) => {
    throw new ConfigError(`network ${file}: there is no such file`, { cause })
  })
  if (/\.[cm]?tsx?$/.test(url)) await readTypeScript(url)
  const before = new Set(networkNames())
  let module: Record<string, unknown>
  try {
    module = await import(url)
  } catch (cause) {
    throw new ConfigError(`network ${file}: ${(cause as Error)?.message ?? cause}`, { cause })
  }
  // What a second copy of the toolkit has in its registry is not in this one, but it is exported.
  for (const exported of Object.values(module)) {
    if (!isNetwork(exported) || networkNames().includes(exported.name)) continue
    if ('configure' in exported) registerNetwork(exported)
    else defineNetwork(exported)
  }
  const names = networkNames().filter((name) => !before.has(name))
  if (names.length === 0) {
    throw new ConfigError(
      `network ${file}: the file defines no network that is not there already; expected a call of defineNetwork (docs/networks.md)`,
    )
  }
  for (const name of names) networkOf({ architecture: name }).module ??= url
  return names
}

function isNetwork(value: unknown): value is Network | NetworkDefinition {
  const { name, forward, lastLayer } = (value ?? {}) as Partial<Network | NetworkDefinition>
  return typeof name === 'string' && typeof forward === 'function' && lastLayer !== undefined
}

/** Whether Node itself reads TypeScript, which its type declarations of version 20 do not know. */
let reads = Boolean((process.features as { readonly typescript?: unknown }).typescript)

/** Node reads TypeScript from 22.18 on; before, tsx does, where it is installed. */
async function readTypeScript(url: string): Promise<void> {
  if (reads) return
  for (const from of [url, import.meta.url]) {
    const api = tsxApi(from)
    if (api === undefined) continue
    const { register } = (await import(api)) as { register: () => void }
    register()
    reads = true
    return
  }
  throw new ConfigError(
    `network ${fileURLToPath(url)}: Node ${process.versions.node} does not read TypeScript; npm install -D tsx, take ` +
      'Node 22.18, or give the file compiled to JavaScript',
  )
}

/** The address of tsx's own API as a file finds it, undefined where it is not installed. */
function tsxApi(from: string): string | undefined {
  const require = createRequire(from)
  try {
    const manifest = require.resolve('tsx/package.json')
    const { exports } = require(manifest) as { exports: { './esm/api': { import: { default: string } } } }
    return new URL(exports['./esm/api'].import.default, pathToFileURL(manifest)).href
  } catch {
    return undefined
  }
}
