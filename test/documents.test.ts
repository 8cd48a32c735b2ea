// Documents lead somewhere: links to files, the words of the glossary, the index of decisions.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './imports.ts'

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const markdown = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && e.name.endsWith('.md') && !/node_modules|docs\/api/.test(e.parentPath))
    .map((e) => relative(root, join(e.parentPath, e.name)))

/** Files that a document links to, as paths from the root. */
const links = (file: string) =>
  [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)\s#]+)[^)]*\)/g)].map(([, target]) =>
    join(dirname(file), decodeURIComponent(target)),
  )

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...['docs', 'examples', 'exporters', 'test/fixtures'].flatMap(markdown),
]

it.each(documents)('the links of %s lead to files', (file) => {
  expect(links(file).filter((target) => !existsSync(join(root, target)))).toEqual([])
})

describe('the glossary', () => {
  const rows = [...read('docs/glossary.md').matchAll(/^\| (.+?) \| .+? \| \[[^\]]+\]\(([^)]+)\).* \|$/gm)]

  it('has one line a word, each where it is defined', () => {
    const words = rows.map(([, word]) => word)
    expect(words.length).toBeGreaterThan(35)
    expect(new Set(words).size).toBe(words.length)
  })

  it.each(rows.map(([, word, target]) => [word, join('docs', target)]))(
    '%s is a word of %s',
    (word, file) => {
      // "run of images" may be Runs there, "fused kernel" a kernel that fuses.
      const stems = word
        .toLowerCase()
        .split(/[ ,-]+/)
        .filter((part) => !/^(of|a)$/.test(part))
      const text = read(file).toLowerCase()
      expect(stems.filter((stem) => !text.includes(stem.slice(0, 5)))).toEqual([])
    },
  )
})

it('the table of codes has that of every error class', () => {
  const [, table] = /^## Codes\n(.*?)^## /ms.exec(read('docs/cli.md'))!
  const codes = [...read('src/errors.ts').matchAll(/readonly code = '(\w+)'/g)].map(([, code]) => code)
  expect(codes.length).toBeGreaterThan(20)
  expect(codes.filter((code) => !table.includes(`\`${code}\``))).toEqual([])
})

it('the index of decisions has every page, by its title', () => {
  const index = read('docs/decisions/README.md')
  const pages = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d/.test(name))
  for (const page of pages) {
    const [, number, title] = /^# (\d+): (.+)$/m.exec(read(join('docs/decisions', page)))!
    expect(page.startsWith(`${number}-`), page).toBe(true)
    expect(index).toContain(`| [${number}](${page}) | ${title} |`)
  }
  expect(links('docs/decisions/README.md')).toHaveLength(pages.length)
})

describe('the changelog', () => {
  const text = read('CHANGELOG.md')
  const sections = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)

  it('has what is not released first, then versions with their dates, newest first', () => {
    const [first, ...versions] = sections
    expect(first).toBe('[Unreleased]')
    for (const title of versions) expect(title).toMatch(/^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/)
    const numbers = versions.map((title) => title.match(/\d+/g)!.slice(0, 3).map(Number))
    const sorted = numbers.toSorted((a, b) => b[0] - a[0] || b[1] - a[1] || b[2] - a[2])
    expect(numbers).toEqual(sorted)
  })

  it('has the kinds of changes that Keep a Changelog knows', () => {
    for (const [, kind] of text.matchAll(/^### (.+)$/gm)) {
      expect(kind).toMatch(/^(Added|Changed|Deprecated|Removed|Fixed|Security)$/)
    }
  })
})
