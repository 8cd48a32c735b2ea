// `data generate`: the built-in data set, ionic crystals with lattice energies computed from physics.

import { setImmediate } from 'node:timers/promises'
import { Command } from 'commander'
import type { LabelledCrystal } from '../data/labelled.ts'
import { LIMITS, whole } from './options.ts'
import { Output } from './output.ts'
import { checkOutputFile } from './output-file.ts'
import { checkNamedLines } from './output-name.ts'
import { progressBar } from './progress.ts'

interface Options {
  output: string
  count: number
  seed: number
  json?: boolean
}

/** Crystals that are made in one go. */
const BETWEEN = 10

export function dataGenerateCommand(): Command {
  return new Command('generate')
    .description('write the built-in data set: ionic crystals with lattice energies (Ewald sum + repulsion)')
    .requiredOption('-o, --output <file>', 'a .jsonl or .jsonl.gz file')
    .option('--count <n>', 'crystals', whole(LIMITS.crystals), 2000)
    .option('--seed <n>', 'the same seed gives the same crystals', whole(LIMITS.seed), 1)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  crystal-onnx data generate -o ionic.jsonl.gz --count 4000 --seed 7')
    .action(generate)
}

async function generate({ output: file, count, seed, json }: Options): Promise<void> {
  const output = new Output(json ?? false)
  const { datasetStatistics } = await import('../data/statistics.ts')
  const { generateIonicDataset, IONIC_TARGET } = await import('../data/ionic/generate.ts')
  const { writeDataset } = await import('../data/dataset.ts')
  await checkOutputFile(file)
  checkNamedLines(file)
  const bar = progressBar('generate', count)
  const crystals: LabelledCrystal[] = []
  for (const crystal of generateIonicDataset({ count, seed })) {
    bar.update(crystals.push(crystal))
    // Lets signals in, and the bar out.
    if (crystals.length % BETWEEN === 0) await setImmediate()
  }
  bar.stop()
  await writeDataset(file, crystals)
  const statistics = await datasetStatistics(crystals)
  const { name, unit } = IONIC_TARGET
  const { mean, std } = statistics.targets.find((target) => target.name === name)!
  output.line(
    { file, crystals: crystals.length, target: name, unit, mean, std },
    `${file}: ${crystals.length} crystals, ${name} ${mean.toFixed(3)} ± ${std.toFixed(3)} ${unit}`,
  )
}
