// `data convert IN -o OUT.jsonl.gz`: a data set of any readable form as JSON lines, the toolkit's own form.

import { Command, InvalidArgumentError, Option } from 'commander'
import type { LabelledCrystal } from '../data/labelled.ts'
import type { SplitOptions } from '../data/split.ts'
import { type DataInputOptions, dataInput, dataOf, readWithBar } from './data-input.ts'
import { LIMITS, whole } from './options.ts'
import { Output } from './output.ts'
import { checkOutputFile } from './output-file.ts'
import { checkNamedLines } from './output-name.ts'

interface Options extends DataInputOptions {
  output: string
  primitive?: boolean
  split?: { val: number; test: number }
  seed: number
  groupBy: 'id' | 'formula'
  json?: boolean
}

/** More bad records than this, and it is the wrong file or the wrong column. */
const MAX_BAD_FRACTION = 0.1

export function dataConvertCommand(): Command {
  return dataInput(new Command('convert'))
    .description('write a data set of any form as JSON lines')
    .requiredOption('-o, --output <file>', 'a .jsonl or .jsonl.gz file')
    .option('--primitive', 'reduce every crystal to its primitive standard cell')
    .option('--split <train/val/test>', 'split anew, by a hash of the ids, such as 0.8/0.1/0.1', shares)
    .option('--seed <n>', 'of the split', whole(LIMITS.seed), 0)
    .addOption(
      new Option('--group-by <what>', 'of the split: crystals with the same one stay together')
        .choices(['id', 'formula'])
        .default('id'),
    )
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      `
A record that cannot be read is reported and left out; the exit code is then 3.

Examples:
  crystal-onnx data convert train.csv -o train.jsonl.gz --target formation_energy_per_atom
  crystal-onnx data convert structures/ -o set.jsonl.gz --primitive --split 0.8/0.1/0.1 --group-by formula`,
    )
    .action(convert)
}

async function convert(named: string | undefined, options: Options, command: Command): Promise<void> {
  const output = new Output(options.json ?? false)
  const { paths, title: file, inputs } = await dataOf(named, options, command)
  const { writeDataset } = await import('../data/dataset.ts')
  await checkOutputFile(options.output, inputs)
  checkNamedLines(options.output)
  const read = readWithBar('convert', paths, options, {
    primitive: options.primitive,
    badRecords: {
      maxFraction: MAX_BAD_FRACTION,
      onBadRecord: (error) => output.fail({ file }, error),
    },
  })
  const crystals = options.target === undefined ? read : withTargets(read, options.target)
  const count = await writeDataset(
    options.output,
    options.split === undefined ? crystals : await splitAnew(crystals, options.split, options),
  )
  if (options.primitive) output.note('targets are kept as they are; divide those given per cell by its atoms')
  output.line({ file: options.output, crystals: count }, `${options.output}: ${count} crystals`)
  process.exitCode = output.exitCode()
}

async function* withTargets(
  crystals: AsyncIterable<LabelledCrystal>,
  names: readonly string[],
): AsyncGenerator<LabelledCrystal> {
  const { labelledCrystal } = await import('../data/labelled.ts')
  for await (const crystal of crystals) {
    yield labelledCrystal({ ...crystal, targets: names.map((name) => [name, crystal.targets[name]]) })
  }
}

/** The crystals in their order, each with its new split. */
async function splitAnew(
  crystals: AsyncIterable<LabelledCrystal>,
  shares: SplitOptions,
  { seed, groupBy }: Options,
): Promise<LabelledCrystal[]> {
  const { SPLITS } = await import('../data/labelled.ts')
  const { splitDataset } = await import('../data/split.ts')
  const { reducedFormula } = await import('../crystal/formula.ts')
  const all: LabelledCrystal[] = []
  for await (const { split: _, ...crystal } of crystals) all.push(crystal)
  const groups = groupBy === 'id' ? {} : { groupBy: (c: LabelledCrystal) => reducedFormula(c.structure) }
  const splits = splitDataset(all, { ...shares, seed, ...groups })
  const splitOf = new Map(SPLITS.flatMap((split) => splits[split].map(({ id }) => [id, split] as const)))
  return all.map((crystal) => ({ ...crystal, split: splitOf.get(crystal.id) }))
}

/** Of `0.8/0.1/0.1`. */
function shares(text: string): { val: number; test: number } {
  const parts = text.split('/').map(Number)
  const [train, val, test] = parts
  const sum = parts.reduce((total, share) => total + share, 0)
  if (parts.length !== 3 || !(train > 0 && val >= 0 && test >= 0) || Math.abs(sum - 1) > 1e-6) {
    throw new InvalidArgumentError(
      'expected the shares of train, val and test, which add up to 1: 0.8/0.1/0.1.',
    )
  }
  return { val, test }
}
