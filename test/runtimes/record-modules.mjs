// For `node --import`: appends the address of every module that a process and its threads load to the file named by the
// variable MODULES. What is imported is seen as it is loaded; what is required, at the end.

import { appendFileSync } from 'node:fs'
import { createRequire, register } from 'node:module'

const note = (address) => appendFileSync(process.env.MODULES, `${address}\n`)

// Hooks run in a thread of their own, which loads this file once more.
const HOOKS = '?hooks'
if (!import.meta.url.endsWith(HOOKS)) {
  register(import.meta.url + HOOKS)
  const { cache } = createRequire(import.meta.url)
  process.on('exit', () => Object.keys(cache).forEach(note))
}

export function load(address, context, next) {
  note(address)
  return next(address, context)
}
