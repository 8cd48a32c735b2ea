// `npm run matrix [-- --only Node]`: the packed package in fresh projects, in every place of cells.ts; writes each row of
// docs/where-it-runs.md as it is found. Rows that are not run keep what was found before, with its date. Exit code 1 where a
// place does not work.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { CELLS, type Cell } from './cells.ts'
import { pack } from './project.ts'
import { type Outcome, runCells } from './run.ts'

const DOCS = fileURLToPath(new URL('../../docs/where-it-runs.md', import.meta.url))
/** The table stands below this. */
const HEADER = '| place | version | what is done | found | date |\n| --- | --- | --- | --- | --- |\n'

const startOf = ({ place }: Cell) => `| ${place} |`

function rowOf({ cell, version, failure }: Outcome): string {
  const found = failure === undefined ? 'works' : `no: ${failure.split('\n')[0]}`
  const date = new Date().toISOString().slice(0, 10)
  return `${startOf(cell)} ${version ?? ''} | ${cell.does} | ${found} | ${date} |`
}

/** Puts a row into the page. */
function write(outcome: Outcome): void {
  const [head, table = ''] = readFileSync(DOCS, 'utf8').split(HEADER)
  const rows = CELLS.map((cell) => {
    if (cell === outcome.cell) return rowOf(outcome)
    const before = table.split('\n').find((row) => row.startsWith(startOf(cell)))
    return before ?? `${startOf(cell)} | ${cell.does} | not run yet | |`
  })
  writeFileSync(DOCS, `${head}${HEADER}${rows.join('\n')}\n`)
}

async function matrix({ only = '' }: { only?: string }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-matrix-'))
  try {
    const cells = CELLS.filter(({ place }) => place.startsWith(only))
    const outcomes = await runCells(cells, folder, await pack(folder), (outcome) => {
      console.log(rowOf(outcome))
      if (outcome.failure) console.error(outcome.failure)
      write(outcome)
    })
    if (outcomes.some(({ failure }) => failure !== undefined)) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await new Command('matrix')
  .description('try the packed package in every place where it should run')
  .option('--only <place>', 'places whose name begins so')
  .action(matrix)
  .parseAsync()
