// report.html of a run: how it learned, how far off it is, for which elements and crystals, and with which settings.

import { networkOf } from '../../models/registry.ts'
import { symbolOf } from '../crystal/elements.ts'
import type { TargetScaling } from '../data/scaling.ts'
import { writeWhole } from '../files.ts'
import { facts, figure, type Html, html, page, section, sideBySide, table, tiles } from '../report/html.ts'
import { lineChart, parityPlot, periodicTable } from '../report/plots.ts'
import { learnedNothing, maeOfMean } from './against.ts'
import type { Evaluation } from './evaluate.ts'
import type { EpochMetrics } from './events.ts'
import { readMetrics } from './metrics.ts'
import { type RunEvaluation, readRunEvaluation } from './run-evaluation.ts'
import { type RunConfig, readRunConfig, runPaths } from './run-folder.ts'

const WORST = 12

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
  const judged = evaluation.test ?? evaluation.val
  const judgedOn = evaluation.test ? 'test' : 'validation'
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
      headline(config, evaluation),
      section('Learning', await learning(config.targets, history)),
      ...(judged
        ? await Promise.all(config.targets.map((target, t) => judgement(target, t, judged, judgedOn)))
        : [
            section(
              'Errors',
              html`<p>The data has neither a test nor a validation split, so there is nothing to judge by.</p>`,
            ),
          ]),
      section('Settings', settings(config)),
    ],
  })
}

const DIVERGED = 'the training diverged; these are the errors of the weights from before'

const KEPT = {
  average: 'the averages over the last epochs',
  best: 'those of the epoch with the smallest validation error',
  last: 'those of the last epoch',
} satisfies Record<RunEvaluation['weights'], string>

function headline(config: Omit<RunConfig, 'format'>, { val, test }: RunEvaluation): Html {
  const guesses = (judged: Evaluation) => maeOfMean(judged, config.targets)
  return tiles(
    config.targets.flatMap(({ name, unit }, t) => {
      const label = (text: string) => (config.targets.length > 1 ? `${name}: ${text}` : text)
      const of = (split: Evaluation | null, title: string) =>
        split
          ? [
              {
                label: label(`${title} MAE`),
                value: digits(split.targets[t].mae),
                unit,
                note: `${split.n} crystals`,
              },
            ]
          : []
      const judged = test ?? val
      if (!judged) return []
      const guess = guesses(judged)[t]
      return [
        ...of(test, 'Test'),
        ...of(val, 'Validation'),
        { label: label('RMSE'), value: digits(judged.targets[t].rmse), unit },
        {
          label: label('Against the mean'),
          value: `${(guess / judged.targets[t].mae).toFixed(1)} ×`,
          note: `${guess > judged.targets[t].mae ? 'smaller than' : 'NO better than'} the error ${digits(guess)} ${unit} of always answering the training mean`,
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
      history.flatMap((m) => (m[key] ? [[m.epoch, m[key][t]] as const] : []))
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

async function judgement(target: TargetScaling, t: number, judged: Evaluation, split: string): Promise<Html> {
  const { name, unit } = target
  const points = judged.crystals.map(({ id, actual, predicted }) => ({
    name: id,
    actual: actual[t],
    predicted: predicted[t],
  }))
  const errors = judged.crystals
    .map((crystal) => ({ crystal, error: crystal.predicted[t] - crystal.actual[t] }))
    .sort((a, b) => Math.abs(b.error) - Math.abs(a.error))
  const parity = figure(
    await parityPlot({ quantity: name, unit, points }),
    html`${judged.n} crystals of the ${split} split. On the dashed line prediction and data agree.`,
  )
  const worst = html`<figure><h3>Largest errors (${unit})</h3>${table(
    ['crystal', 'formula', 'sites', 'actual', 'predicted', 'error'],
    errors
      .slice(0, WORST)
      .map(({ crystal, error }) => [
        crystal.id,
        crystal.formula,
        crystal.sites,
        digits(crystal.actual[t]),
        digits(crystal.predicted[t]),
        digits(error),
      ]),
  )}</figure>`
  const elements = figure(
    await periodicTable({ title: `MAE of ${name} (${unit})`, elements: errorByElement(judged, t) }),
    `Mean absolute error over the crystals of the ${split} split that hold the element; their number is in small.`,
  )
  return section(`Errors of ${name}`, sideBySide(parity, worst), elements)
}

function errorByElement(judged: Evaluation, t: number) {
  const sums = new Map<number, { total: number; count: number }>()
  for (const { elements, actual, predicted } of judged.crystals) {
    for (const z of elements) {
      const { total, count } = sums.get(z) ?? { total: 0, count: 0 }
      sums.set(z, { total: total + Math.abs(predicted[t] - actual[t]), count: count + 1 })
    }
  }
  return [...sums].map(([z, { total, count }]) => ({ z, symbol: symbolOf(z), value: total / count, count }))
}

function settings({ model, training, data, targets, toolkit }: Omit<RunConfig, 'format'>): Html {
  const entries = (record: object) =>
    Object.entries(record).map(([key, value]) => [key, show(value)] as const)
  return html`<div class="columns">${[
    facts(
      'Data',
      entries({ ...data, sha256: `${data.sha256.slice(0, 16)}…`, toolkit: `crystal-onnx ${toolkit}` }),
    ),
    ...targets.map(({ name, unit, mean, std }) =>
      facts(`Target ${name}`, [
        ['mean', `${digits(mean)} ${unit}`],
        ['standard deviation', `${digits(std)} ${unit}`],
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

function digits(value: number): string {
  return value.toPrecision(3)
}

function duration(seconds: number): string {
  return seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(seconds < 600 ? 1 : 0)} min`
}
