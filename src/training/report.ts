// report.html of a run: how it learned, how far off it is, and with which settings; and of an ensemble, how far off the mean
// of its members is. The sections about errors are those of report-errors.ts and report-trust.ts.

import { networkOf } from '../../models/registry.ts'
import type { TargetScaling } from '../data/scaling.ts'
import { writeWhole } from '../files.ts'
import { facts, figure, type Html, html, page, section, sideBySide, tiles } from '../report/html.ts'
import { lineChart } from '../report/plots.ts'
import { learnedNothing, maeOfMean } from './against.ts'
import type { EnsembleResult } from './ensemble.ts'
import type { Evaluation } from './evaluate.ts'
import type { EpochMetrics } from './events.ts'
import { readMetrics } from './metrics.ts'
import { digits, errorsSection } from './report-errors.ts'
import { trustSection } from './report-trust.ts'
import { type RunEvaluation, readRunEvaluation } from './run-evaluation.ts'
import { memberFolder, type RunConfig, readRunConfig, runPaths } from './run-folder.ts'

/** Writes report.html into the folder of a finished run and returns its path. @throws TrainingError when it is none. */
export async function writeReport(runFolder: string): Promise<string> {
  const paths = runPaths(runFolder)
  const config = await readRunConfig(paths.config)
  const evaluation = await readRunEvaluation(paths.evaluation)
  const history = await readMetrics(paths.metrics)
  await writeWhole(paths.report, await reportPage(config, history, evaluation))
  return paths.report
}

/** The page itself. */
export async function reportPage(
  config: Omit<RunConfig, 'format'>,
  history: readonly EpochMetrics[],
  evaluation: RunEvaluation,
): Promise<string> {
  const network = networkOf(config.model)
  const names = config.targets.map(({ name }) => name).join(', ')
  const warnings = learnedNothing(evaluation, config.targets)
  const seconds = history.reduce((sum, { seconds }) => sum + seconds, 0)
  return page({
    title: `Training report: ${names}`,
    lead: html`A ${network.title} of ${network.describe(config.model)}, trained on ${config.data.train.toLocaleString('en')}
      crystals of ${config.data.name} for ${history.length} epochs in ${duration(seconds)}. The weights that were kept are
      ${KEPT[evaluation.weights]}.`,
    body: [
      ...[...warnings, ...(evaluation.diverged ? [DIVERGED] : [])].map(
        (warning) => html`<p><strong>Warning:</strong> ${warning}.</p>`,
      ),
      headline(config.targets, evaluation),
      section('Learning', await learning(config.targets, history)),
      ...(await errors(config.targets, evaluation)),
      section('Settings', settings(config)),
    ],
  })
}

/** Writes report.html of an ensemble, about the mean of its members, and returns its path. */
export async function writeEnsembleReport(
  runFolder: string,
  { members, ...mean }: EnsembleResult,
): Promise<string> {
  const { report: path } = runPaths(runFolder)
  const [{ targets }] = members
  const names = targets.map(({ name }) => name).join(', ')
  const links = members.map(
    (_, n) => html`${n > 0 ? ', ' : ''}<a href="${`${memberFolder('.', n)}/report.html`}">${n}</a>`,
  )
  await writeWhole(
    path,
    page({
      title: `Report of an ensemble: ${names}`,
      lead: html`The mean of what ${members.length} networks predict. How each of them learned: ${links}.`,
      body: [
        ...learnedNothing(mean, targets).map((text) => html`<p><strong>Warning:</strong> ${text}.</p>`),
        headline(targets, mean),
        ...(await errors(targets, mean)),
      ],
    }),
  )
  return path
}

type Errors = Readonly<Record<'val' | 'test', Evaluation | null>>

/** How far off predictions are, and whether that could be told beforehand. */
async function errors(targets: readonly TargetScaling[], { val, test }: Errors): Promise<(Html | string)[]> {
  const judged = test ?? val
  const split = test ? 'test' : 'validation'
  if (!judged) {
    const nothing = 'The data has neither a test nor a validation split, so there is nothing to judge by.'
    return [section('Errors', html`<p>${nothing}</p>`)]
  }
  const each = targets.map(async (target, t) => [
    await errorsSection(target, t, judged, split),
    await trustSection(target, t, judged, split),
  ])
  return (await Promise.all(each)).flat()
}

const DIVERGED = 'the training diverged; these are the errors of the weights from before'

const KEPT = {
  average: 'the averages over the last epochs',
  best: 'those of the epoch with the smallest validation error',
  last: 'those of the last epoch',
} satisfies Record<RunEvaluation['weights'], string>

function headline(targets: readonly TargetScaling[], { val, test }: Errors): Html {
  const judged = test ?? val
  const guesses = judged && maeOfMean(judged, targets)
  return tiles(
    targets.flatMap(({ name, unit }, t) => {
      const label = (text: string) => (targets.length > 1 ? `${name}: ${text}` : text)
      const of = (split: Evaluation | null, title: string) => {
        const { n, mae } = split?.targets[t] ?? { mae: null }
        return mae === null
          ? []
          : [{ label: label(`${title} MAE`), value: digits(mae), unit, note: `${n} crystals` }]
      }
      const { mae = null, rmse = null } = judged?.targets[t] ?? {}
      if (!guesses || mae === null || rmse === null) return [...of(test, 'Test'), ...of(val, 'Validation')]
      const guess = guesses[t]
      return [
        ...of(test, 'Test'),
        ...of(val, 'Validation'),
        { label: label('RMSE'), value: digits(rmse), unit },
        {
          label: label('Against the mean'),
          value: `${(guess / mae).toFixed(1)} ×`,
          note: `${guess > mae ? 'smaller than' : 'NO better than'} the error ${digits(guess)} ${unit} of always answering the training mean`,
        },
      ]
    }),
  )
}

async function learning(targets: readonly TargetScaling[], history: readonly EpochMetrics[]): Promise<Html> {
  const averaging = history.find(({ phase }) => phase === 'average')
  const marks = averaging ? [{ x: averaging.epoch, label: 'averaging' }] : []
  const loss = await lineChart({
    x: 'epoch',
    y: 'training loss (standardised)',
    series: [{ name: 'loss', points: history.map(({ epoch, loss }) => [epoch, loss] as const) }],
    marks,
    logarithmic: history.every(({ loss }) => loss > 0),
  })
  const figures = [figure(loss, 'Mean loss over the steps of each epoch.')]
  for (const [t, { name, unit }] of targets.entries()) {
    const points = (key: 'val_mae' | 'average_val_mae') =>
      history.flatMap(({ epoch, [key]: mae }) => (mae?.[t] == null ? [] : [[epoch, mae[t]] as const]))
    if (points('val_mae').length === 0) continue
    const svg = await lineChart({
      x: 'epoch',
      y: `validation MAE of ${name} (${unit})`,
      series: [
        { name: 'weights of the epoch', points: points('val_mae') },
        ...(averaging ? [{ name: 'averaged weights', points: points('average_val_mae') }] : []),
      ],
      marks,
      logarithmic: points('val_mae').every(([, mae]) => mae > 0),
    })
    figures.push(figure(svg, 'Mean absolute error on crystals that were not trained on, after each epoch.'))
  }
  return sideBySide(...figures)
}

function settings({ model, training, data, targets, toolkit }: Omit<RunConfig, 'format'>): Html {
  const entries = (record: object) =>
    Object.entries(record).map(([key, value]) => [key, show(value)] as const)
  return html`<div class="columns">${[
    facts(
      'Data',
      entries({ ...data, sha256: `${data.sha256.slice(0, 16)}…`, toolkit: `crystal-onnx ${toolkit}` }),
    ),
    ...targets.map(({ name, unit, mean, std, transform }) =>
      facts(`Target ${name}`, [
        ...(transform ? [['learned', `${transform} of ${unit}`] as const] : []),
        ['mean', transform ? digits(mean) : `${digits(mean)} ${unit}`],
        ['standard deviation', transform ? digits(std) : `${digits(std)} ${unit}`],
      ]),
    ),
    facts('Training', entries(training)),
    facts('Network', entries(model)),
  ]}</div>`
}

function show(value: unknown): string {
  if (value === null) return 'none'
  if (Array.isArray(value)) return value.map(show).join(', ')
  return typeof value === 'number' ? String(value) : `${value}`
}

function duration(seconds: number): string {
  return seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(seconds < 600 ? 1 : 0)} min`
}
