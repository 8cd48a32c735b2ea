// `npm run train`: the network on the built-in data set, ionic crystals with their lattice energies, and the model file
// for the page and for predict.ts.

import { generateIonicDataset, IONIC_TARGET } from 'crystal-onnx/data'
import { exportCrystalModel, writeModel } from 'crystal-onnx/exporters'
import { preset, readRun, train, trainingProgress } from 'crystal-onnx/training'
import { network } from './network.ts'

const [, , output = 'public/pair-filter.onnx', count = '600', epochs = '24'] = process.argv

const { config, options } = preset('quick', network.name)
const crystals = [...generateIonicDataset({ count: Number(count), seed: 1 })]
const run = await train({
  data: { name: 'ionic crystals', crystals },
  targets: [IONIC_TARGET],
  config,
  options: { ...options, epochs: Number(epochs), swa_epochs: 0 },
  runFolder: 'run',
  resume: true,
  threads: 2,
  onEvent: trainingProgress(),
})
const exported = await exportCrystalModel({ ...(await readRun('run')), outputs: ['embedding'] })
await writeModel(output, exported.bytes)
const [{ mae }] = run.test!.targets
console.log(
  JSON.stringify({
    output,
    test_mae: mae,
    std: run.targets[0].std,
    golden_max_rel: exported.report.golden.max_rel,
  }),
)
