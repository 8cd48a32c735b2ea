// `data substitute DATA -o OUT`: new crystals from those of a data set, by elements that take each other's place. They have
// no labels: `data label` gives them some.

import { setImmediate } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import type { LabelledCrystal } from '../data/labelled.ts'
import { SUBSTITUTE_DEFAULTS as DEFAULTS, type LeftOut } from '../data/substitute/options.ts'
import { type DataInputOptions, dataArgument, dataOf, readWithBar } from './data-input.ts'
import {
  finiteNumber,
  LIMITS,
  positiveInteger,
  positiveNumber,
  whole,
  wholeNumber,
  within,
} from './options.ts'
import { Output } from './output.ts'
import { checkOutputFile } from './output-file.ts'
import { checkNamedLines } from './output-name.ts'
import { progressBar } from './progress.ts'

interface Options extends Pick<DataInputOptions, 'filesFrom'> {
  output: string
  count: number
  seed: number
  excludeSystems?: string[]
  maxAtoms: number
  kept: number
  near: number
  nearGroups: number
  nearDifference: number
  farGroups: number
  farDifference: number
  isotropic: number
  anisotropic: number
  rattle: number
  rattled: number
  minDistance: number
  json?: boolean
}

/** Crystals that are made in one go. */
const BETWEEN = 10

export function dataSubstituteCommand(): Command {
  const { near, far } = DEFAULTS
  return dataArgument(new Command('substitute'))
    .description("write new crystals, made of a data set's by elements that take each other's place")
    .requiredOption('-o, --output <file>', 'a .jsonl or .jsonl.gz file')
    .option('--count <n>', 'crystals', whole(LIMITS.crystals), 10_000)
    .option('--seed <n>', 'the same seed gives the same crystals', whole(LIMITS.seed), 1)
    .option(
      '--exclude-systems <file>',
      'a data set, or a list with a chemical system such as Na-Cl a line: none of its systems, as none of the test split; may be repeated',
      (file: string, earlier: string[] = []) => [...earlier, file],
    )
    .option(
      '--max-atoms <n>',
      'sites of a crystal that others are made of',
      positiveInteger,
      DEFAULTS.maxAtoms,
    )
    .option('--kept <share>', 'probability that an element stays', within(LIMITS.share), DEFAULTS.kept)
    .option(
      '--near <share>',
      'probability of a near one; the rest is far',
      notNegative,
      DEFAULTS.exchangedNear,
    )
    .option('--near-groups <n>', 'groups to a near element at most', wholeNumber, near.groups)
    .option(
      '--near-difference <x>',
      'electronegativities to it differ by less',
      positiveNumber,
      near.difference,
    )
    .option('--far-groups <n>', 'groups to a far element at most', wholeNumber, far.groups)
    .option(
      '--far-difference <x>',
      'electronegativities to it differ by less',
      positiveNumber,
      far.difference,
    )
    .option(
      '--isotropic <x>',
      'standard deviation of the strain of all lengths',
      notNegative,
      DEFAULTS.isotropic,
    )
    .option('--anisotropic <x>', 'of each component of the other strain', notNegative, DEFAULTS.anisotropic)
    .option(
      '--rattle <x>',
      'of the displacement of rattled atoms along each axis, Å',
      notNegative,
      DEFAULTS.rattle,
    )
    .option('--rattled <share>', 'share of the crystals that are rattled', notNegative, DEFAULTS.rattled)
    .option('--min-distance <x>', 'Å between two atoms at least', positiveNumber, DEFAULTS.minDistance)
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      `
Examples:
  crystal-onnx data substitute mp.jsonl.gz -o more.jsonl.gz --count 50000
  crystal-onnx data substitute mp.jsonl.gz -o more.jsonl.gz --exclude-systems kept-back.jsonl.gz --seed 2`,
    )
    .action(substitute)
}

async function substitute(named: string | undefined, options: Options, command: Command): Promise<void> {
  const output = new Output(options.json ?? false)
  const { writeDataset } = await import('../data/dataset.ts')
  const { readSystems } = await import('../data/substitute/excluded.ts')
  const { substituteElements } = await import('../data/substitute/substitute.ts')
  const { output: out, excludeSystems = [], json: _, near, nearGroups, ...rest } = options
  const { nearDifference, farGroups, farDifference, filesFrom, ...plain } = rest
  const { count, seed } = options
  const { paths, inputs } = await dataOf(named, { filesFrom }, command)
  await checkOutputFile(out, [...inputs, ...excludeSystems])
  checkNamedLines(out)
  const data: LabelledCrystal[] = []
  for await (const crystal of readWithBar('read', paths, {})) data.push(crystal)
  const systems = (await Promise.all(excludeSystems.map(readSystems))).flatMap((found) => [...found])
  const leftOut: Partial<Record<LeftOut, number>> = {}
  const made = substituteElements(data, {
    ...plain,
    exchangedNear: near,
    near: { groups: nearGroups, difference: nearDifference },
    far: { groups: farGroups, difference: farDifference },
    excludedSystems: systems,
    onLeftOut: (reason) => (leftOut[reason] = (leftOut[reason] ?? 0) + 1),
  })
  const bar = progressBar('substitute', count)
  async function* withBar(): AsyncGenerator<LabelledCrystal> {
    let done = 0
    for (const crystal of made) {
      bar.update(++done)
      yield crystal
      // Lets signals in, and the bar out.
      if (done % BETWEEN === 0) await setImmediate()
    }
  }
  try {
    await writeDataset(out, withBar())
  } finally {
    bar.stop()
  }
  output.line({ file: out, crystals: count, seed, left_out: leftOut }, `${out}: ${count} crystals`)
  for (const [reason, n] of Object.entries(leftOut)) output.text(`  left out, ${reason}: ${n}`)
}

function notNegative(text: string): number {
  const value = finiteNumber(text)
  if (value < 0) throw new InvalidArgumentError('expected a number from 0.')
  return value
}
