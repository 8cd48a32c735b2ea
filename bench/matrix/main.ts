// `npm run matrix [-- --only Node]`: the packed package in fresh projects, in every place of cells.ts; writes
// docs/where-it-runs.md, unless only some are run. Exit code 1 where a place does not work.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { CELLS } from './cells.ts'
import { pack } from './project.ts'
import { type Outcome, runCells } from './run.ts'

const DOCS = fileURLToPath(new URL('../../docs/where-it-runs.md', import.meta.url))
/** The table stands below this line. */
const BEFORE = '| place |'

function rowOf({ cell, version, failure }: Outcome, date: string): string {
  const found = failure === undefined ? 'works' : `no: ${failure.split('\n')[0]}`
  return `| ${cell.place} | ${version ?? ''} | ${cell.does} | ${found} | ${date} |`
}

async function matrix({ only = '' }: { only?: string }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-matrix-'))
  try {
    const cells = CELLS.filter(({ place }) => place.startsWith(only))
    const date = new Date().toISOString().slice(0, 10)
    const outcomes = await runCells(cells, folder, await pack(folder), (outcome) => {
      console.log(rowOf(outcome, date))
      if (outcome.failure) console.error(outcome.failure)
    })
    if (only === '') {
      const text = readFileSync(DOCS, 'utf8')
      const head = text.slice(0, text.indexOf(BEFORE))
      const rows = outcomes.map((outcome) => rowOf(outcome, date))
      const table = [
        `${BEFORE} version | what is done | found | date |`,
        '| --- | --- | --- | --- | --- |',
        ...rows,
      ]
      writeFileSync(DOCS, `${head}${table.join('\n')}\n\nOn ${platform()} ${arch()}.\n`)
    }
    if (outcomes.some(({ failure }) => failure !== undefined)) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await new Command('matrix')
  .description('try the packed package in every place where it should run')
  .option('--only <place>', 'places whose name begins so; the page of the documentation stays as it is')
  .action(matrix)
  .parseAsync()
