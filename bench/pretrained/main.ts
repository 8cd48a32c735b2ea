// `npm run models`: from labelled crystals to the models that come with the package. Every step is done where its result is
// not there yet, and one that was interrupted goes on.

import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import type { PretrainedName } from '../../models/pretrained/addresses.ts'
import { positiveInteger } from '../../src/cli/options.ts'
import { Output } from '../../src/cli/output.ts'
import { progressBar } from '../../src/cli/progress.ts'
import { loadDataset } from '../../src/data/dataset.ts'
import type { LabelledCrystal } from '../../src/data/labelled.ts'
import { writeWhole } from '../../src/files.ts'
import { trainingProgress } from '../../src/training/progress.ts'
import { needs, shared } from '../../test/shared.ts'
import { knownPhases } from './phases.ts'
import { byChemistry, plots } from './plots.ts'
import { provenance } from './provenance.ts'
import { DATA, LABELS, PRECISIONS, type StageName } from './recipe.ts'
import { type Figures, figuresOf, modelFile } from './ship.ts'
import { gapCrystals, labelled, taughtCrystals } from './teach.ts'
import { trainStage, type Workshop } from './train.ts'

const MODELS = fileURLToPath(new URL('../../models/pretrained', import.meta.url))
const PLOTS = fileURLToPath(new URL('../../docs/models', import.meta.url))
const RESULTS = fileURLToPath(new URL('results', import.meta.url))

interface Options {
  data?: string
  output: string
  teacher: string
  workers: number
  labels: number
  threads: number
  json?: boolean
}

async function models(options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  const data = options.data ?? shared(`data/${DATA.file}`)
  if (data === undefined) throw new Error(needs(`data/${DATA.file}`))
  await Promise.all([options.output, RESULTS, PLOTS].map((folder) => mkdir(folder, { recursive: true })))

  const bar = progressBar('label', options.labels)
  const labels = await labelled(data, options.output, {
    ...{ command: options.teacher, workers: options.workers, count: options.labels },
    onAnswer: (answered) => bar.update(answered),
  }).finally(() => bar.stop())
  const { crystals: taught, answers } = await taughtCrystals(data, labels)
  const real = await loadDataset(data, { target: DATA.energy.name })
  const gaps = await gapCrystals(data)
  const known = { name: DATA.file, crystals: real }
  const learned = { name: `${DATA.file} and ${answers} crystals labelled by CHGNet`, crystals: taught }

  const workshop: Workshop = {
    ...{ folder: options.output, threads: options.threads },
    onEvent: trainingProgress(),
  }
  const energy = [DATA.energy]
  await trainStage(workshop, 'taught', { data: learned, targets: energy })
  await trainStage(workshop, 'energy', { data: known, targets: energy, from: 'taught' })
  await trainStage(workshop, 'gap', {
    data: { name: DATA.file, crystals: gaps },
    targets: [DATA.gap, DATA.insulator],
    from: 'energy',
  })
  await trainStage(workshop, 'taughtSmall', { data: learned, targets: energy })
  await trainStage(workshop, 'energySmall', { data: known, targets: energy, from: 'taughtSmall' })
  await trainStage(workshop, 'untaught', { data: known, targets: energy })

  const rows: (string | number)[][] = []
  const ship = async (
    name: PretrainedName | 'untaught',
    stage: StageName,
    all: LabelledCrystal[],
    notes?: string[],
  ) => {
    const about = notes && provenance(answers, notes)
    const bytes = await modelFile(workshop.folder, stage, PRECISIONS[name], about, all)
    const test = all.filter(({ split }) => split === 'test')
    const { figures, predictions } = await figuresOf(bytes, test)
    const result = { bytes: bytes.length, ...figures, by_chemistry: byChemistry(test, predictions) }
    await writeWhole(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
    output.line({ name, ...result })
    rows.push([name, (bytes.length / 2 ** 20).toFixed(2), ...shown(figures)])
    if (name === 'untaught') return
    await writeWhole(join(MODELS, `${name}.onnx`), bytes)
    if (stage === 'energySmall') return
    for (const [kind, svg] of Object.entries(await plots(test, predictions))) {
      await writeWhole(join(PLOTS, `${name}-${kind}.svg`), svg)
    }
  }
  await ship('formation-energy', 'energy', real, [ENERGY])
  await ship('formation-energy-small', 'energySmall', real, [ENERGY])
  await ship('band-gap', 'gap', gaps, [GAP])
  await ship('untaught', 'untaught', real)
  await writeWhole(join(MODELS, 'known-phases.json'), knownPhases(real))
  output.table(['model', 'MiB', 'MAE', 'bias', 'inside', 'outside', 'share outside', '90 %', 'told'], rows)
}

const ENERGY = 'Formation energies of PBE or PBE+U with the corrections of the Materials Project, at 0 K.'
const GAP =
  'Kohn-Sham gaps of PBE, which are smaller than measured ones. The second target is 1 for crystals with a gap, 0 for metals.'

function shown(figures: Figures): string[] {
  const { mae, bias, mae_inside, mae_outside, outside, coverage, half_width, told } = figures
  const number = (value: number | null | undefined) => value?.toPrecision(3) ?? ''
  const percent = (share: number | undefined) => (share === undefined ? '' : `${(100 * share).toFixed(1)} %`)
  return [
    ...[mae, bias, mae_inside, mae_outside].map(number),
    percent(outside),
    `${percent(coverage)} ± ${number(half_width)}`,
    percent(told),
  ]
}

await new Command('models')
  .description('make the models that come with the package: label, train, export, judge')
  .option('--data <file>', `the labelled crystals, ${DATA.file}`)
  .option('--output <folder>', 'for labels and runs; what is there is not made again', 'runs/models')
  .option('--teacher <command>', 'labels crystals', 'python examples/teacher/chgnet.py')
  .option('--workers <n>', 'processes of the teacher', positiveInteger, availableParallelism())
  .option('--labels <n>', 'crystals to label', positiveInteger, LABELS.count)
  .option('--threads <n>', 'threads that compute gradients', positiveInteger, availableParallelism())
  .option('--json', 'one JSON line per model on stdout')
  .addHelpText(
    'after',
    "\nExample:\n  npm run models -- --teacher 'teacher/bin/python examples/teacher/chgnet.py'",
  )
  .action(models)
  .parseAsync()
