// `query OUT SQL`: what a screening wrote, asked in SQL.

import { Command } from 'commander'
import { withVersion } from '../missing-package.ts'
import { Output } from './output.ts'
import { checkOutputFile } from './output-file.ts'

interface Options {
  output?: string
  json?: boolean
}

/** Rows of a table for people. */
const SHOWN = 100

export function queryCommand(): Command {
  return new Command('query')
    .description(`SQL over what screen wrote, by DuckDB (npm install ${withVersion('@duckdb/node-api')})`)
    .argument('<folder>', 'that screen wrote; its finished parts are the table results')
    .argument('<sql>', 'one statement')
    .option('-o, --output <file>', 'rows as .parquet (Zstandard), .csv or .jsonl')
    .option('--json', 'a JSON line for each row')
    .addHelpText(
      'after',
      `
Examples:
  crystal-onnx query out "select formula, value from results where domain order by value limit 20"
  crystal-onnx query out "select error_code, count(*) from results group by all"
  crystal-onnx query out "from results" -o all.parquet`,
    )
    .action(query)
}

async function query(folder: string, sql: string, { output: file, json }: Options): Promise<void> {
  const output = new Output(json ?? false)
  const { checkQueryOutput, queryRows, writeQuery } = await import('../screen/query.ts')
  if (file !== undefined) {
    checkQueryOutput(file)
    await checkOutputFile(file)
    return writeQuery(folder, sql, file)
  }
  const shown: Record<string, unknown>[] = []
  let more = 0
  for await (const row of queryRows(folder, sql)) {
    if (output.json) {
      output.line(row)
      await output.drained()
    } else if (shown.length < SHOWN) shown.push(row)
    else more++
  }
  const [first] = shown
  if (first === undefined) return output.text('no rows')
  output.table(
    Object.keys(first),
    shown.map((row) => Object.values(row).map(text)),
  )
  if (more > 0) output.text(`and ${more} more: --json or -o FILE for all`)
}

function text(value: unknown): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
