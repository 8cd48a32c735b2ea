// sweep.html: the runs of a sweep side by side, the best by validation first.

import { writeWhole } from '../files.ts'
import { figure, type Html, html, page, section, sideBySide, table } from '../report/html.ts'
import { barChart, COLOURS, lineChart } from '../report/plots.ts'
import { digits } from './report-errors.ts'
import { ranked, type SweepRun } from './sweep.ts'

/** Bars of a chart at most. */
const MOST_BARS = 30

/** Writes the page into the folder of the sweep and returns its path. */
export async function writeSweepReport(folder: string, runs: readonly SweepRun[]): Promise<string> {
  const path = `${folder}/sweep.html`
  await writeWhole(path, await sweepPage(runs))
  return path
}

/** The page itself. */
export async function sweepPage(runs: readonly SweepRun[]): Promise<string> {
  const best = ranked(runs)
  const judged = best.filter(({ result }) => result?.val)
  return page({
    title: `Sweep of ${Object.keys(runs[0].settings).join(', ')}`,
    lead: html`${runs.length} runs, of which ${runs.filter(({ error }) => error !== null).length} diverged. They are ordered by their
      errors on the validation split; the test split judges the one that is chosen, and chooses none.`,
    body: [
      section('Runs', runTable(best)),
      ...(judged.length > 0 ? [section('Validation errors', await charts(judged))] : []),
    ],
  })
}

/** What a table of runs has in its columns. */
export function columnsOf(runs: readonly SweepRun[]) {
  const settings = Object.keys(runs[0].settings)
  const targets = runs.find(({ result }) => result)?.result?.targets ?? []
  const head = [
    ...settings,
    ...targets.flatMap(({ name, unit }) => [`val MAE ${name} (${unit})`, `test MAE ${name} (${unit})`]),
    'epochs',
  ]
  const row = ({ settings: given, result, error }: SweepRun): string[] => [
    ...settings.map((name) => shown(given[name])),
    ...targets.flatMap((_, t) =>
      [result?.val, result?.test].map((split) => shownError(split?.targets[t].mae)),
    ),
    error === null ? String(result!.epochs) : 'diverged',
  ]
  return { head, row }
}

function runTable(runs: readonly SweepRun[]): Html {
  const { head, row } = columnsOf(runs)
  return table(
    ['', ...head],
    runs.map((run, n) => [html`<a href="${`./${run.name}/report.html`}">${n + 1}</a>`, ...row(run)]),
  )
}

async function charts(judged: readonly SweepRun[]): Promise<Html> {
  const bars = judged.slice(0, MOST_BARS).map(({ name, score }) => ({ name, value: score }))
  const few = judged.slice(0, COLOURS.length)
  return sideBySide(
    figure(
      await barChart({ x: 'validation error (standardised)', bars }),
      'Mean absolute error in standard deviations, the mean over the targets.',
    ),
    figure(
      await lineChart({
        x: 'epoch',
        y: 'validation error (standardised)',
        series: few.map(({ name, result }) => ({
          name,
          points: result!.history.flatMap(({ epoch, val_error, average_val_error }) => {
            const error = average_val_error ?? val_error
            return error == null ? [] : [[epoch, error] as const]
          }),
        })),
        logarithmic: true,
      }),
      'How the best of them learned; of averaged weights where there are some.',
    ),
  )
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function shownError(mae: number | null | undefined): string {
  return mae == null ? '' : digits(mae)
}
