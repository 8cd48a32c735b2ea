// Names in printed commands, and folders that are named after targets.

import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { folderName, quoted } from '../../src/cli/quoted.ts'

describe('names', () => {
  it.each(['runs/e_form', 'runs/Δ E (0 K)', "it's", '$(date)', 'a b', '`x`'])(
    '%s is pasted as it is',
    (name) => {
      expect(execFileSync('sh', ['-c', `printf %s ${quoted(name)}`], { encoding: 'utf8' })).toBe(name)
    },
  )

  it.each([
    ['e_form', 'e_form'],
    ['E/atom (0 K)', 'E_atom_0_K_'],
    ['../../x', '__.._x'],
    ['..', '_'],
    ['Δ E/f', 'Δ_E_f'],
    ['/', '_'],
  ])('%s is the folder %s', (text, name) => {
    expect(folderName(text)).toBe(name)
  })
})
