// The options of a model file, which export and import take alike, and what they mean to the exporter.

import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CrystalExportOptions, CrystalExportReport } from '../../exporters/index.ts'
import { finiteNumber, positiveInteger, positiveNumber } from './options.ts'

const OUTPUTS = ['attention', 'embedding'] as const

export interface ModelFileOptions {
  output: string
  mode?: 'converged' | 'published'
  config?: string
  property?: string
  unit?: string
  mean?: number
  std?: number
  outputs?: (typeof OUTPUTS)[number][]
  geometry?: 'tables' | 'in-graph'
  opset: number
  json?: boolean
}

/** Adds them to a command. */
export function addModelFileOptions(command: Command): Command {
  return command
    .requiredOption('-o, --output <file>', 'the file to write')
    .addOption(
      new Option('--mode <mode>', 'sum every image that matters, or the box of the published code').choices([
        'converged',
        'published',
      ]),
    )
    .option('--config <file>', 'hyper-parameters under their published names, where the input has none')
    .option('--property <name>', 'what the output is, where the input does not say')
    .option('--unit <unit>', 'its unit, such as eV/atom')
    .option('--mean <x>', 'mean of the training targets: prediction = output · std + mean', finiteNumber)
    .option('--std <x>', 'standard deviation of the training targets', positiveNumber)
    .option(
      '--outputs <names>',
      `what the graph gives besides the prediction: ${OUTPUTS.join(', ')}`,
      outputNames,
    )
    .addOption(
      new Option(
        '--geometry <place>',
        'neighbour tables from this toolkit, or images made in the graph, for any client of onnxruntime',
      ).choices(['tables', 'in-graph']),
    )
    .option('--opset <n>', 'ONNX operator set, 17 to 21', positiveInteger, 17)
    .option('--json', 'one JSON object on stdout')
}

/** What the exporter is told. */
export function exportOptions({
  outputs,
  geometry,
  opset,
}: ModelFileOptions): Pick<CrystalExportOptions, 'outputs' | 'inGraph' | 'opset'> {
  return { outputs, inGraph: geometry === 'in-graph', opset }
}

function outputNames(text: string): (typeof OUTPUTS)[number][] {
  return text.split(',').map((part) => {
    const name = OUTPUTS.find((known) => known === part.trim())
    if (name !== undefined) return name
    throw new InvalidArgumentError(`expected ${OUTPUTS.join(' or ')}, or both joined by a comma.`)
  })
}

/** The line that people read about a file that was written. */
export function described(
  file: string,
  { bytes, nodes, opset, cutoff, golden }: CrystalExportReport,
): string {
  return (
    `${file}: ${(bytes / 2 ** 20).toFixed(1)} MiB, ${nodes} nodes, opset ${opset}, ` +
    `cutoff ${cutoff === null ? 'none' : `${cutoff.toFixed(2)} Å`}, golden samples within ${golden.max_rel.toExponential(1)}`
  )
}
