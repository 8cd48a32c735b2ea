// `npm run bench -- exporter`.

import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Output } from '../../src/cli/output.ts'
import { benchExporter } from '../exporter.ts'
import { benchCommand, MACHINE } from './command.ts'

/** What docs/coverage.md tells of them. */
const RESULTS = fileURLToPath(new URL('../exporter.json', import.meta.url))

export const exporterCommand = benchCommand(
  'exporter',
  'export public models of npm; all of them: bench/exporter.json, from which docs/coverage.md is made, is written again',
)
  .argument('[models...]', 'only these, and no file is written')
  .action(async (models: string[], { json }: { json?: boolean }): Promise<void> => {
    const output = new Output(json ?? false)
    const rows = await benchExporter(models, ({ package: from, model, seconds, refused }) =>
      output.note(`… ${from} ${model}: ${refused ?? `${seconds!.toFixed(1)} s`}`),
    )
    output.line({ ...MACHINE, rows })
    if (models.length === 0) await writeFile(RESULTS, `${JSON.stringify({ ...MACHINE, rows }, null, 1)}\n`)
    output.table(
      ['package', 'model', 'nodes', 'bytes', 'seconds', 'error', 'onnxruntime, ms', 'tfjs-wasm, ms'],
      rows.map((r) => [
        ...[r.package, r.model, r.nodes ?? 'refused', r.bytes ?? '-', r.seconds?.toFixed(1) ?? '-'],
        ...[
          r.error?.toExponential(0) ?? '-',
          r.onnxruntime_ms?.toFixed(1) ?? '-',
          r.wasm_ms?.toFixed(1) ?? '-',
        ],
      ]),
    )
  })
