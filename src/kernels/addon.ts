// Addons of Node that were compiled from C, where one was built for this machine. The files come with the package.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * The functions of an addon, or why there are none.
 * @param file the beginning of its name, before platform and processor
 * @param here address of the module that asks: addons lie beside it in the package, in `generated` in a checkout
 * @param first a function that it has wherever it works
 */
export function loadAddon<Functions>(
  file: string,
  here: string,
  generated: string,
  first: keyof Functions,
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
): Functions | string {
  const name = `${platform}-${arch}`
  const places = [`./${file}${name}.node`, `${generated}/${file}${name}.node`]
  const path = places.map((place) => fileURLToPath(new URL(place, here))).find(existsSync)
  if (path === undefined) return `no addon is built for ${name}`
  try {
    const addon: Partial<Functions> = createRequire(here)(path)
    return addon[first] ? (addon as Functions) : `${path} found no Node-API in this process`
  } catch (error) {
    return `${path} cannot be loaded: ${(error as Error).message}`
  }
}
