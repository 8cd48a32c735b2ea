// `data label DATA -o OUT --command '…'`: labels by a program of the user's, over its standard input and output.

import { Command, InvalidArgumentError } from 'commander'
import { ProgramError } from '../errors.ts'
import { type DataInputOptions, dataArgument, dataOf } from './data-input.ts'
import { finiteNumber, LIMITS, positiveInteger, positiveNumber, whole } from './options.ts'
import { Output } from './output.ts'
import { checkOutputFile } from './output-file.ts'
import { checkNamedLines } from './output-name.ts'
import { progressBar } from './progress.ts'

interface Options extends Pick<DataInputOptions, 'filesFrom'> {
  output: string
  command: string
  target: string
  unit?: string
  references?: string
  range?: [number, number]
  workers: number
  inFlight: number
  timeout: number
  shard?: { i: number; n: number }
  retry?: boolean
  json?: boolean
}

export function dataLabelCommand(): Command {
  return dataArgument(new Command('label'))
    .description('label crystals by a program: JSON lines in, JSON lines out')
    .requiredOption('-o, --output <file>', 'a .jsonl or .jsonl.gz file; the answers are kept beside it')
    .requiredOption('--command <line>', 'the program, as a line for the shell')
    .option('--target <name>', 'what the label is called', 'energy')
    .option('--unit <unit>', 'its unit, such as eV/atom')
    .option(
      '--references <data>',
      'a data set with the target: energies an atom become formation energies, by references of the elements',
    )
    .option('--range <low,high>', 'labels outside are errors', range)
    .option('--workers <n>', 'processes of the program side by side', whole(LIMITS.threads), 1)
    .option('--in-flight <n>', 'crystals that a process has at once', positiveInteger, 8)
    .option('--timeout <s>', 'seconds of silence after which a process is replaced', positiveNumber, 120)
    .option('--shard <i/n>', 'every n-th crystal from the i-th on: 1/4, 2/4, 3/4 and 4/4 are all', shard)
    .option('--retry', 'ask again about crystals whose answer was an error')
    .option('--json', 'JSON lines on stdout: one for every crystal without a label, then a summary')
    .addHelpText(
      'after',
      `
The program reads {"id", "lattice", "frac", "numbers"} a line and writes {"id", "value"} or {"id", "error"}, in any order,
without waiting for more. A command that was ended and is repeated goes on where it was. The data are read twice, and cannot
come from standard input.

Examples:
  crystal-onnx data label more.jsonl.gz -o labelled.jsonl.gz --command 'python examples/teacher/chgnet.py' \\
    --target e_form --unit eV/atom --references mp.jsonl.gz --range -6,3 --workers 4
  crystal-onnx data label more.jsonl.gz -o part-2.jsonl.gz --command ./energy --shard 2/8
  crystal-onnx data label --files-from parts.txt -o labelled.jsonl.gz --command ./energy`,
    )
    .action(label)
}

async function label(
  named: string | undefined,
  { output: out, json, filesFrom, ...options }: Options,
  command: Command,
): Promise<void> {
  const output = new Output(json ?? false)
  const { labelDataset, labelFiles } = await import('../data/label/label.ts')
  const { paths, title: file, inputs } = await dataOf(named, { filesFrom }, command)
  for (const path of [out, ...Object.values(labelFiles(out))]) {
    await checkOutputFile(path, [...inputs, options.references])
  }
  checkNamedLines(out)
  const bar = progressBar('label')
  const summary = await labelDataset(paths, out, {
    ...options,
    onAnswer: (answered) => bar.update(answered),
    onError: (id, reason) => output.fail({ file, id }, new ProgramError(`${file}, ${id}: ${reason}`)),
  }).finally(() => bar.stop())
  const { crystals, labelled, errors, source, references } = summary
  const shown = references && {
    crystals: references.crystals,
    mean_absolute_error: references.meanAbsoluteError,
  }
  output.line(
    { file: out, crystals, labelled, errors, source: source ?? null, references: shown ?? null },
    `${out}: ${labelled} of ${crystals} crystals labelled by ${source ?? 'nobody'}` +
      (references
        ? `; references miss ${references.crystals} known by ${references.meanAbsoluteError.toPrecision(3)}`
        : ''),
  )
  process.exitCode = output.exitCode()
}

/** Of `-6,3`. */
function range(text: string): [number, number] {
  const [low, high, ...more] = text.split(',').map(finiteNumber)
  if (!(low < high) || more.length > 0) throw new InvalidArgumentError('expected two numbers, such as -6,3.')
  return [low, high]
}

/** Of `2/8`. */
function shard(text: string): { i: number; n: number } {
  const [i, n, ...more] = text.split('/').map(positiveInteger)
  if (!(i <= n) || more.length > 0)
    throw new InvalidArgumentError('expected a number and of how many, such as 2/8.')
  return { i, n }
}
