// `npm run quickstart`: the whole way in about two minutes. Makes a data set from physics, trains a small network on
// it, exports the network to ONNX, verifies the file, predicts real structure files, and writes a report to look at.

import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'
import { exportCrystalModel } from '../exporters/crystal/export.ts'
import { type Verification, verifyModel } from '../exporters/crystal/verify.ts'
import { load } from '../runtimes/node/load.ts'
import { progressBar } from '../src/cli/progress.ts'
import { readStructureFile } from '../src/crystal/file.ts'
import { formula } from '../src/crystal/formula.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { writeDataset } from '../src/data/dataset.ts'
import { latticeEnergy } from '../src/data/ionic/energy.ts'
import { generateIonicDataset, IONIC_TARGET } from '../src/data/ionic/generate.ts'
import { CrystalOnnxError } from '../src/errors.ts'
import { writeWhole } from '../src/files.ts'
import { figure, page, section, sideBySide, table, tiles } from '../src/report/html.ts'
import { lineChart, parityPlot } from '../src/report/plots.ts'
import { preset } from '../src/training/options.ts'
import { trainingProgress } from '../src/training/progress.ts'
import { readRun } from '../src/training/read-run.ts'
import { train } from '../src/training/run.ts'
import type { TrainingResult } from '../src/training/training-run.ts'

const CRYSTALS = 1500
const EPOCHS = { epochs: 30, swa_epochs: 6 }

const project = fileURLToPath(new URL('..', import.meta.url))
const folder = join(project, 'quickstart')
const file = (name: string) => join(folder, name)

interface Predicted {
  readonly file: string
  readonly formula: string
  readonly atoms: number
  readonly predicted: number
  /** What the physics behind the data set gives; undefined for a compound that it does not cover. */
  readonly computed: number | undefined
  readonly ms: number
}

const started = performance.now()
await rm(folder, { recursive: true, force: true })
await mkdir(folder)

step(1, `generate ${CRYSTALS} ionic crystals with lattice energies from an Ewald sum and a repulsion`)
await generate()

step(2, 'train a small Crystalformer on them')
const trained = await trainNetwork()

step(3, 'export it to one ONNX file')
const model = file('ionic.onnx')
const exported = await exportCrystalModel({ ...(await readRun(file('run'))), demonstration: true })
await writeWhole(model, exported.bytes)
say(
  `${exported.report.nodes} nodes, ${(exported.bytes.length / 1024).toFixed(0)} kB, golden samples within ` +
    exported.report.golden.max_rel.toExponential(1),
)

step(4, 'verify the file against the mathematics in float64')
const verified = await verifyModel(model)
for (const s of verified.summaries) {
  say(`${s.device.padEnd(8)} ${s.count} values, largest error ${s.maxAbs.toExponential(1)} ${s.unit}`)
}
if (!verified.pass) throw new Error(`${model} is over its tolerance ${verified.tolerance}`)

step(5, 'predict the structure files in examples/structures')
const predictions = await predictExamples()
printPredictions()

await writeReport()
const seconds = ((performance.now() - started) / 1000).toFixed(0)
process.stdout.write(
  `\nDone in ${seconds} s. Look at ${relative(process.cwd(), file('report.html'))}, then try\n` +
    '  npm run -s cli -- predict examples/structures/NaCl.cif --model quickstart/ionic.onnx --json\n',
)

async function generate(): Promise<void> {
  const bar = progressBar('crystals', CRYSTALS)
  const onProgress = ({ crystals }: { crystals: number }) => bar.update(crystals)
  await writeDataset(file('ionic.jsonl.gz'), generateIonicDataset({ count: CRYSTALS, seed: 1, onProgress }))
  bar.stop()
}

async function trainNetwork(): Promise<TrainingResult> {
  const { config, options } = preset('quick')
  const result = await train({
    data: file('ionic.jsonl.gz'),
    targets: [IONIC_TARGET],
    config,
    options: { ...options, ...EPOCHS },
    runFolder: file('run'),
    onEvent: trainingProgress(),
  })
  const [{ mae }] = result.test!.targets
  say(
    `test MAE ${mae!.toFixed(3)} ${IONIC_TARGET.unit} on ${result.test!.n} crystals of compounds never seen`,
  )
  return result
}

async function predictExamples(): Promise<Predicted[]> {
  const source = join(project, 'examples/structures')
  const crystals: { file: string; structure: Structure }[] = []
  for (const name of (await readdir(source)).sort()) {
    for (const { structure } of await readStructureFile(join(source, name)))
      crystals.push({ file: name, structure })
  }
  const network = await load(model)
  const rows: Predicted[] = []
  for await (const outcome of network.predictMany(crystals.map(({ structure }) => structure))) {
    if (outcome.error) throw outcome.error
    const { file, structure } = crystals[outcome.index]
    rows.push({
      file,
      formula: formula(structure),
      atoms: structure.frac.length,
      predicted: outcome.value,
      computed: physics(structure),
      ms: outcome.ms,
    })
  }
  await network.dispose()
  return rows
}

function physics(structure: Structure): number | undefined {
  try {
    return latticeEnergy(structure)
  } catch (error) {
    if (error instanceof CrystalOnnxError) return undefined
    throw error
  }
}

function printPredictions(): void {
  const printed = new Table({
    head: ['file', 'formula', 'predicted', 'computed', 'unit'],
    style: { head: [], border: [], compact: true },
  })
  for (const p of predictions) {
    printed.push([p.file, p.formula, p.predicted.toFixed(2), p.computed?.toFixed(2) ?? '', IONIC_TARGET.unit])
  }
  say(printed.toString())
}

/** Loss curve, parity plot, verification and predictions on one self-contained page. */
async function writeReport(): Promise<void> {
  const { name, unit } = IONIC_TARGET
  const test = trained.test!
  const [{ mae, rmse }] = test.targets
  const curve = (of: (epoch: (typeof trained.history)[number]) => number | null) =>
    trained.history.flatMap((epoch) => {
      const y = of(epoch)
      return y === null ? [] : [[epoch.epoch, y] as const]
    })
  const { std } = trained.targets[0]
  const loss = await lineChart({
    x: 'epoch',
    y: 'L1 loss, standardised',
    logarithmic: true,
    series: [
      { name: 'training', points: curve((e) => e.loss) },
      { name: 'validation', points: curve((e) => e.val_mae && e.val_mae[0]! / std) },
      { name: 'averaged', points: curve((e) => e.average_val_mae && e.average_val_mae[0]! / std) },
    ],
  })
  const parity = await parityPlot({
    quantity: name.replace('_', ' '),
    unit,
    points: test.crystals.map(({ id, actual, predicted }) => ({
      name: id,
      actual: actual[0]!,
      predicted: predicted[0],
    })),
  })
  const body = [
    tiles([
      { label: 'test MAE', value: mae!.toFixed(3), unit, note: `${test.n} crystals of compounds never seen` },
      {
        label: 'spread of the data',
        value: trained.targets[0].std.toFixed(2),
        unit,
        note: 'standard deviation',
      },
      {
        label: 'trained in',
        value: trained.seconds.toFixed(0),
        unit: 's',
        note: `${trained.backend?.name}, ${trained.epochs} epochs`,
      },
      {
        label: 'ONNX file',
        value: (exported.bytes.length / 1024).toFixed(0),
        unit: 'kB',
        note: `${exported.report.nodes} nodes`,
      },
    ]),
    section(
      'Training',
      sideBySide(
        figure(loss, 'Loss by epoch: training, validation, and validation of the averaged weights'),
        figure(parity, `Predicted against computed, test crystals (RMSE ${rmse!.toFixed(3)} ${unit})`),
      ),
    ),
    section(
      'Predictions for the files in examples/structures',
      table(
        ['file', 'formula', 'atoms', `predicted (${unit})`, `computed (${unit})`, 'difference', 'ms'],
        predictions.map((p) => [
          p.file,
          p.formula,
          p.atoms,
          p.predicted,
          p.computed ?? '',
          p.computed === undefined ? '' : p.predicted - p.computed,
          p.ms,
        ]),
      ),
    ),
    section('Verification of the file', verificationTable(verified)),
  ]
  const html = page({
    title: 'crystal-onnx quickstart',
    lead: 'A network trained on crystals made from physics, exported to ONNX, verified and run on real structures.',
    body,
  })
  await writeWhole(file('report.html'), html)
}

function verificationTable({ summaries, tolerance }: Verification) {
  return table(
    ['check', 'values', 'largest error', 'mean error', 'unit', 'largest relative', `within ${tolerance}`],
    summaries.map((s) => [
      s.device,
      s.count,
      s.maxAbs.toExponential(1),
      s.meanAbs.toExponential(1),
      s.unit,
      s.maxRel.toExponential(1),
      s.pass ? 'yes' : 'no',
    ]),
  )
}

function step(number: number, title: string): void {
  process.stdout.write(`\n${number}/5 ${title}\n`)
}

function say(text: string): void {
  process.stdout.write(`${text.replace(/^/gm, '    ')}\n`)
}
