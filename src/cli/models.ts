// `models`: what comes with the package, by the cards of its files.

import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { PRETRAINED } from '../../models/pretrained/addresses.ts'
import type { Card } from '../../runtimes/card.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { readModel } from '../../runtimes/node/source.ts'
import { Output } from './output.ts'

export function modelsCommand(): Command {
  return new Command('models')
    .description('list the models that come with the package')
    .option('--json', 'one JSON line per model on stdout')
    .addHelpText(
      'after',
      `
Their names stand wherever a command or load() takes a model file.

Examples:
  crystal-onnx models
  crystal-onnx predict NaCl.cif --model band-gap
  crystal-onnx inspect formation-energy`,
    )
    .action(list)
}

async function list(options: { json?: boolean }): Promise<void> {
  const output = new Output(options.json ?? false)
  const rows: string[][] = []
  for (const [name, address] of Object.entries(PRETRAINED)) {
    const file = fileURLToPath(address)
    const { bytes } = await readModel(address)
    const { card } = readModelFile(bytes, basename(file))
    const { targets, architecture, training, domain, provenance } = card
    output.line({
      ...{
        name,
        file,
        bytes: bytes.length,
        architecture,
        targets: targets.map(({ name, unit }) => ({ name, unit })),
      },
      ...{ metrics: training?.metrics ?? null, elements: domain?.elements.length ?? null },
      provenance: provenance ?? null,
    })
    rows.push([
      ...[name, targets.map(({ name, unit }) => (unit === '1' ? name : `${name} (${unit})`)).join(', ')],
      ...[testError(card), `${domain?.elements.length ?? '?'}`, `${(bytes.length / 2 ** 20).toFixed(1)} MiB`],
      provenance?.licence ?? 'not said',
    ])
  }
  output.table(['model', 'predicts', 'test error', 'elements', 'size', 'licence'], rows)
}

/** Mean absolute error of the first target on its test split. */
function testError({ targets: [{ name, unit }], training }: Card): string {
  const error = training?.metrics?.[`test_mae_${name}`]
  return error === undefined ? 'unknown' : `${error.toPrecision(3)} ${unit}`
}
