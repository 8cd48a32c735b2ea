// The recipes of CONTRIBUTING.md, as tests read them: the example of each, and the files in its table.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './imports.ts'

export interface Recipe {
  readonly title: string
  /** What it shows the recipe on, as code names it. */
  readonly example: string
  readonly files: readonly string[]
}

export function recipes(): Recipe[] {
  const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  const [, section] = /^## Recipes\n(.*?)^## /ms.exec(text)!
  return section
    .split(/^### /m)
    .slice(1)
    .map((recipe) => ({
      title: recipe.split('\n', 1)[0],
      example: /Here: `(.+?)`/.exec(recipe)![1],
      files: [...recipe.matchAll(/^\| `(.+?)` \|/gm)].map((row) => row[1]),
    }))
}
