// `data check DATA`: what a data set holds, and what in it would spoil a training or its errors. Exit code 3 when there
// is something of that kind, so that a script stops before it trains.

import { basename } from 'node:path'
import { Command } from 'commander'
import pc from 'picocolors'
import type { DatasetCheck } from '../data/check/check.ts'
import type { Finding } from '../data/check/findings.ts'
import type { DatasetStatistics } from '../data/statistics.ts'
import { type DataInputOptions, dataInput, dataOf, readWithBar } from './data-input.ts'
import { EXIT } from './exit.ts'
import { positiveNumber } from './options.ts'
import { Output } from './output.ts'
import { checkOutputFile } from './output-file.ts'
import { endedBySystem } from './signals.ts'

interface Options extends DataInputOptions {
  tolerance: number
  html?: string
  json?: boolean
}

/** Cases of a finding that are named on a terminal. */
const SHOWN = 3
/** A file of which more is unreadable is something else. */
const MAX_BAD_FRACTION = 0.5

export function dataCheckCommand(): Command {
  return dataInput(new Command('check'))
    .description('look at a data set before training: statistics, outliers, duplicates, leaks between splits')
    .option(
      '--tolerance <x>',
      'relative difference up to which crystals count as the same',
      positiveNumber,
      0.01,
    )
    .option('--html <file>', 'write a report with plots')
    .option('--json', 'one JSON object on stdout, with every crystal concerned')
    .addHelpText(
      'after',
      `
Exit code: 0 nothing that would spoil a training, 3 something would, 1 the data could not be read.

Examples:
  crystal-onnx data check ionic.jsonl.gz --html report.html
  crystal-onnx data check train.csv --target formation_energy_per_atom --json | jq '.findings[].message'`,
    )
    .action(check)
}

async function check(named: string | undefined, options: Options, command: Command): Promise<void> {
  const output = new Output(options.json ?? false)
  const { paths, title: file, inputs } = await dataOf(named, options, command)
  const { checkDataset } = await import('../data/check/check.ts')
  const { noneOf } = await import('../data/check/find-values.ts')
  const { textFields } = await import('../data/check/find-text.ts')
  if (options.html !== undefined) await checkOutputFile(options.html, inputs)
  const unreadable: Finding['cases'][number][] = []
  const unlabelled: string[] = []
  const texts = textFields()
  const crystals = readWithBar('check', paths, options, {
    onUnlabelled: ({ id }) => unlabelled.push(id),
    onText: texts.add,
    badRecords: {
      maxFraction: MAX_BAD_FRACTION,
      onBadRecord: ({ message }) => unreadable.push({ crystals: [], detail: message }),
    },
  })
  const { ELEMENT_TABLE: elements } = await import('../../models/elements.ts')
  const { target: targets, tolerance } = options
  const checked = await endedBySystem(() => checkDataset(crystals, { targets, tolerance, elements }))
  const left = { ids: unlabelled, of: unlabelled.length + checked.statistics.count }
  const findings = [
    ...unreadableFinding(unreadable),
    ...nothingToLearn(checked.statistics, texts.findings(checked.statistics.targets)),
    ...checked.findings,
    ...noneOf(left, targets ?? []),
  ]
  const problems = findings.filter(({ severity }) => severity === 'problem').length

  if (options.html !== undefined) {
    const { checkPage } = await import('../data/check/page.ts')
    const { writeWhole } = await import('../files.ts')
    await writeWhole(options.html, await checkPage(basename(file), { ...checked, findings }))
  }
  await print(output, file, checked, findings)
  output.text(
    problems === 0
      ? pc.green('nothing that would spoil a training')
      : pc.red(`${problems === 1 ? 'one problem' : `${problems} problems`} to look at before training`),
  )
  if (options.html !== undefined) output.note(`report: ${options.html}`)
  process.exitCode = problems === 0 ? EXIT.ok : EXIT.partial
}

/** Data of which no crystal has a number, unless texts that are none say so already. */
function nothingToLearn(
  { targets, count }: DatasetStatistics,
  texts: readonly Finding[],
): readonly Finding[] {
  if (targets.length > 0 || texts.length > 0 || count === 0) return texts
  const message =
    'no crystal has a number beside it; there is nothing to learn until "data label", or you, add some'
  return [{ kind: 'no-target', severity: 'problem', count, message, cases: [] }]
}

function unreadableFinding(cases: Finding['cases']): Finding[] {
  if (cases.length === 0) return []
  const message = `${cases.length} records cannot be read`
  return [{ kind: 'unreadable', severity: 'problem', count: cases.length, message, cases }]
}

async function print(
  output: Output,
  file: string,
  { statistics }: DatasetCheck,
  findings: readonly Finding[],
): Promise<void> {
  const { symbolOf } = await import('../crystal/elements.ts')
  const { describeDataset } = await import('../data/statistics.ts')
  const { count, splits, sites, elements, targets } = statistics
  output.line(
    {
      file,
      crystals: count,
      splits,
      sites,
      elements: Object.fromEntries(elements.map(({ element, crystals }) => [symbolOf(element), crystals])),
      targets,
      findings,
    },
    `${file}: ${describeDataset(statistics)}`,
  )
  output.table(
    ['target', 'crystals', 'min', 'mean', 'max', 'std', 'mean abs. dev.'],
    targets.map((t) => [
      t.name,
      t.count,
      ...[t.min, t.mean, t.max, t.std, t.mad].map((x) => x.toPrecision(4)),
    ]),
  )
  output.table(
    ['', 'found', 'crystals', 'such as'],
    findings.map(({ severity, message, count, cases }) => [
      severity === 'problem' ? pc.red('problem') : 'note',
      wrapped(message, 52),
      count,
      cases.slice(0, SHOWN).map(shownCase).join('\n') + (cases.length > SHOWN ? '\n…' : ''),
    ]),
  )
}

function shownCase({ crystals, detail }: Finding['cases'][number]): string {
  const names = crystals.slice(0, SHOWN).join(' ') + (crystals.length > SHOWN ? ' …' : '')
  return wrapped([names, detail].filter((part) => part !== '').join(': '), 60)
}

/** Lines of about `width` characters, broken at spaces. */
function wrapped(text: string, width: number): string {
  return text.replace(new RegExp(`(.{1,${width}})(?: |$)`, 'g'), '$1\n').trimEnd()
}
