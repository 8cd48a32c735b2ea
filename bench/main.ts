// `npm run bench [-- engines|agreement|growth|cells|ensemble|peers|ragged|inference|cores|networks|crystalframer|symmetry|memory|train|seal|serving|screening|readers] [-- --json]`: what the README's figures come from. Times are the best of several
// passes; every one stands beside a yardstick that ran in the same process.

import { availableParallelism, cpus } from 'node:os'
import { Command } from 'commander'
import { positiveInteger, positiveNumber } from '../src/cli/options.ts'
import { Output } from '../src/cli/output.ts'
import { benchAgreement, STEPS } from './agreement.ts'
import { benchCells } from './cells.ts'
import { benchCores } from './cores.ts'
import { benchCrystalframer } from './crystalframer.ts'
import { benchEngines } from './engines.ts'
import { benchEnsemble } from './ensemble.ts'
import { benchGrowth } from './growth.ts'
import { benchInference } from './inference.ts'
import { benchMemory } from './memory.ts'
import { benchNetworks } from './networks.ts'
import { benchPeers } from './peers/peers.ts'
import { benchRagged } from './ragged.ts'
import { benchReaders } from './readers/readers.ts'
import { benchScreening } from './screening.ts'
import { benchSeal } from './seal.ts'
import { benchServing } from './serving.ts'
import { benchSymmetry } from './symmetry.ts'
import { benchTraining } from './train.ts'

const MACHINE = { processor: cpus()[0]?.model, node: process.version }

async function inference({ passes, json }: { passes: number; json?: boolean }): Promise<void> {
  const output = new Output(json ?? false)
  const result = await benchInference(passes, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, ...result })
  output.text(
    `${result.workload}, weights: ${result.weights}, radius ${result.radius} Å, one thread, ` +
      `${result.nodes} nodes, session in ${result.session_ms.toFixed(0)} ms; a 512 × 512 product runs at ` +
      `${result.gemm_gflops.toFixed(0)} GFLOP/s`,
  )
  output.table(
    [
      'mix',
      'crystals',
      'atoms',
      'ms/crystal',
      'dense ms/crystal',
      'faster',
      'µs/atom (run)',
      'tables µs/atom',
      'tables/run',
    ],
    result.mixes.map((m) => [
      m.mix,
      m.crystals,
      m.atoms,
      m.ms_per_crystal.toFixed(2),
      m.dense_ms_per_crystal.toFixed(1),
      `${m.ratio.toFixed(0)}x`,
      m.run_us_per_atom.toFixed(1),
      m.tables_us_per_atom.toFixed(1),
      `${(m.tables_share * 100).toFixed(1)}%`,
    ]),
  )
  const [, thirty] = result.growing
  output.table(
    ['atoms in the cell', 'µs/atom', 'against 30'],
    result.growing.map((g) => [
      g.atoms,
      g.us_per_atom.toFixed(1),
      (g.us_per_atom / thirty.us_per_atom).toFixed(2),
    ]),
  )
}

async function engines({ passes, json }: { passes: number; json?: boolean }): Promise<void> {
  const output = new Output(json ?? false)
  const result = await benchEngines(passes, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, ...result })
  output.text(
    `${result.workload}, full-size networks, one thread, processor time; medians of ${passes} passes in turns`,
  )
  output.table(
    [
      'network',
      'crystals',
      'engine',
      '× onnxruntime',
      'least to most',
      'µs/atom',
      'tables µs/atom',
      'difference',
    ],
    result.times.map((t) => [
      ...[t.network, t.on, t.engine, t.ratio.toFixed(2), t.spread.map((x) => x.toFixed(2)).join(' – ')],
      ...[t.us_per_atom.toFixed(0), t.tables_us_per_atom.toFixed(1), t.difference.toExponential(0)],
    ]),
  )
}

async function agreement({ crystals, json }: { crystals: number; json?: boolean }): Promise<void> {
  const output = new Output(json ?? false)
  const results = await benchAgreement(crystals, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, results })
  output.text('fused engine against onnxruntime, one thread each, in standard deviations of the target')
  const above = STEPS.map((step) => `above ${step.toExponential()}`)
  output.table(
    ['network', 'crystals', 'spread of values', 'mean', 'largest', ...above, 'numbers of the worst'],
    results.map((r) => [
      ...[r.network, r.crystals, r.spread.toFixed(3), r.mean.toExponential(1), r.largest.toExponential(1)],
      ...[...r.above, r.worst.join(' ')],
    ]),
  )
}

async function growth(options: { passes: number; largest: number; json?: boolean }): Promise<void> {
  const output = new Output(options.json ?? false)
  const results = await benchGrowth(options, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, results })
  output.text(
    `µs of processor time an atom, tables and run, one thread, and × the smallest cell; medians of ${options.passes} passes`,
  )
  output.table(
    ['network', 'engine', ...results[0].cells.map(({ atoms }) => `${atoms} atoms`)],
    results.map(({ network, engine, cells }) => [
      ...[network, engine],
      ...cells.map(({ us_per_atom: us, ratio }) =>
        us === undefined ? 'too large' : `${us.toFixed(0)} (${ratio!.toFixed(2)})`,
      ),
    ]),
  )
}

async function cells({ passes, json }: { passes: number; json?: boolean }): Promise<void> {
  const output = new Output(json ?? false)
  const results = await benchCells(passes, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, results })
  output.table(
    ['network', 'atoms', 'whole, µs/atom', 'in parts', 'parts × whole of the smallest', 'difference'],
    results.map((r) => [
      ...[r.network, r.atoms, r.whole_us_per_atom?.toFixed(0) ?? '-', r.parts_us_per_atom.toFixed(0)],
      ...[r.growth.toFixed(2), r.difference?.toExponential(0) ?? '-'],
    ]),
  )
}

async function ensemble(options: { passes: number; members: number; json?: boolean }): Promise<void> {
  const output = new Output(options.json ?? false)
  const results = await benchEnsemble(options, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, results })
  output.table(
    ['engine', 'mix', 'members', 'one, µs/atom', 'all, µs/atom', 'a member × one', 'file, × one'],
    results.map((r) => [
      ...[r.engine, r.mix, r.members, r.one_us_per_atom.toFixed(0), r.all_us_per_atom.toFixed(0)],
      ...[r.share.toFixed(2), (r.bytes.all / r.bytes.one).toFixed(2)],
    ]),
  )
}

async function peers(options: { passes: number; python: string; json?: boolean }): Promise<void> {
  const output = new Output(options.json ?? false)
  const { rows, absent } = await benchPeers(options, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, rows, absent })
  for (const [peer, why] of Object.entries(absent)) output.note(`not here: ${peer} (${why})`)
  output.table(
    ['peer', 'package', 'mix', 'at a time', 'ms/crystal', '× our onnxruntime', '× our fused engine'],
    rows.map((r) => [
      ...[r.peer, r.package, r.mix, r.batch, r.ms_per_crystal.toFixed(1)],
      ...[r.times_onnxruntime.toFixed(1), r.times_fused.toFixed(1)],
    ]),
  )
}

async function cores(options: { passes: number; threads: number; json?: boolean }): Promise<void> {
  const output = new Output(options.json ?? false)
  const results = await benchCores(options, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, results })
  const yardstick = (row: (typeof results)[number]) =>
    results.find(({ crystals, how }) => crystals === row.crystals && how === row.how)!
  output.table(
    ['crystals', 'how', 'threads', 'ms', 'faster', 'processor ms', 'refused'],
    results.map((r) => [
      ...[r.crystals, r.how, r.threads, r.ms.toFixed(0), `${(yardstick(r).ms / r.ms).toFixed(2)}x`],
      ...[r.cpu_ms.toFixed(0), r.refused],
    ]),
  )
}

async function crystalframer({ passes, json }: { passes: number; json?: boolean }): Promise<void> {
  const output = new Output(json ?? false)
  const result = await benchCrystalframer(passes, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, ...result })
  output.text(
    `${result.workload}, weights: ${result.weights}, radius ${result.radius} Å, one thread, processor time; a 512 × 512 ` +
      `product runs at ${result.gemm_gflops.toFixed(0)} GFLOP/s`,
  )
  const [yardstick] = result.networks
  const mixes = Object.keys(yardstick.us_per_atom)
  output.table(
    ['network', 'nodes', ...mixes.flatMap((mix) => [`${mix} µs/atom`, `× ${yardstick.network}`])],
    result.networks.map(({ network, nodes, us_per_atom: us }) => [
      network,
      nodes,
      ...mixes.flatMap((mix) => [us[mix].toFixed(0), (us[mix] / yardstick.us_per_atom[mix]).toFixed(1)]),
    ]),
  )
  output.table(
    ['angular encoding alone', ...Object.keys(result.alone[0].us_per_atom!).map((n) => `${n}, µs/atom`)],
    result.alone.map(({ device, us_per_atom: us, why }) => [
      device,
      ...(us ? Object.values(us).map((x) => x.toFixed(0)) : [`not here: ${why}`]),
    ]),
  )
}

async function networks({ passes, json }: { passes: number; json?: boolean }): Promise<void> {
  const output = new Output(json ?? false)
  const result = await benchNetworks(passes, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, ...result })
  output.text(`${result.workload}, default hyper-parameters, initial weights, one thread, processor time`)
  const [yardstick] = result.networks
  const mixes = Object.keys(yardstick.us_per_atom)
  output.table(
    [
      ...['network', 'parameters', 'nodes', 'radius, Å'],
      ...mixes.flatMap((mix) => [`${mix} µs/atom`, `× ${yardstick.network}`]),
    ],
    result.networks.map(({ network, parameters, nodes, radius, us_per_atom: us }) => [
      ...[network, parameters, nodes, radius.toFixed(1)],
      ...mixes.flatMap((mix) => [us[mix].toFixed(0), (us[mix] / yardstick.us_per_atom[mix]).toFixed(2)]),
    ]),
  )
}

async function symmetry({ passes, json }: { passes: number; json?: boolean }): Promise<void> {
  const output = new Output(json ?? false)
  const results = await benchSymmetry(passes, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, results })
  output.text('one thread, processor time of neighbour tables and network')
  output.table(
    ['network', 'data', 'crystals', 'atoms', 'all, µs/atom', 'one of each orbit', 'saved', 'largest change'],
    results.map((r) => [
      ...[r.network, r.data, r.crystals, r.atoms],
      ...[r.all_us_per_atom.toFixed(0), r.unique_us_per_atom.toFixed(0)],
      `${((1 - r.unique_us_per_atom / r.all_us_per_atom) * 100).toFixed(0)}%`,
      r.largest_change.toExponential(1),
    ]),
  )
}

async function memory(options: { predictions: number; cycles: number; json?: boolean }): Promise<void> {
  const output = new Output(options.json ?? false)
  const runs = await benchMemory(options, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, runs })
  output.table(
    ['in a process of its own', 'thread', 'resident MB at every tenth', 'end / start'],
    runs.map((r) => [
      `${r.times} ${r.what}`,
      r.worker ? 'worker' : 'calling',
      r.megabytes.map((mb) => mb.toFixed(0)).join(' '),
      r.growth.toFixed(3),
    ]),
  )
}

async function ragged({ passes, json }: { passes: number; json?: boolean }): Promise<void> {
  const output = new Output(json ?? false)
  const results = await benchRagged(passes, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, results })
  output.text(
    'graphs that join the requests of a batch themselves, beside tables of the best shape, one thread',
  )
  output.table(
    ['network', 'mix', 'images a slot', '× tables', 'least to most', 'difference'],
    results.map((r) => [
      ...[r.network, r.mix, r.images_per_slot, r.ratio.toFixed(2)],
      ...[r.spread.map((x) => x.toFixed(2)).join(' – '), r.difference.toExponential(0)],
    ]),
  )
}

async function training(options: { steps: number; radius?: number; json?: boolean }): Promise<void> {
  const output = new Output(options.json ?? false)
  const result = await benchTraining(options, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, ...result })
  output.text(`steps of full-size networks: ${result.workload}, radius ${result.radius.toFixed(1)} Å`)
  output.table(
    ['network', 'mix', 'atoms', 'engine', 'threads', 'ms/step', 'processor ms', 'loss', 'peak MB so far'],
    result.steps.map((s) => [
      ...[s.network, s.mix, s.atoms, s.engine, s.threads],
      ...[s.ms.toFixed(0), s.cpu_ms.toFixed(0), s.loss.toFixed(5), s.peak_memory_mb],
    ]),
  )
  for (const { network, mix, threads, ratio } of result.native_ratios) {
    const on = threads > 1 ? `${threads} threads` : 'one thread'
    output.text(`${network}, ${mix}, ${on}: native code takes ${ratio.toFixed(2)} × WebAssembly`)
  }
  for (const { engine, why } of result.absent) output.text(`not ${engine}: ${why}`)
  output.text(`the kernels that tfjs ships take ${result.faster_than_stock.toFixed(0)} times as long`)
}

async function seal(options: { mutations: number; json?: boolean }): Promise<void> {
  const output = new Output(options.json ?? false)
  const result = await benchSeal(options.mutations, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, ...result })
  const { bytes, load_ms, seal_ms, seal_ms_per_mb, mutations, accepted, refused_ms } = result
  output.text(
    `a file of ${(bytes / 2 ** 20).toFixed(1)} MB loads in ${load_ms.toFixed(0)} ms, of which its seal takes ` +
      `${seal_ms.toFixed(1)} (${seal_ms_per_mb.toFixed(2)} a MB)\n` +
      `of ${mutations} changed files ${accepted} load; they are refused in ${refused_ms.median.toFixed(1)} ms, ` +
      `99 % within ${refused_ms.p99.toFixed(1)}, at most ${refused_ms.most.toFixed(0)}`,
  )
}

async function serving(options: {
  requests: number
  clients: number
  model: string
  json?: boolean
}): Promise<void> {
  const output = new Output(options.json ?? false)
  const results = await benchServing(options, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, results })
  output.text(`${options.clients} clients on loopback, one crystal of the MP mix a request, ${options.model}`)
  const shown = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '-'
  output.table(
    [
      'how',
      'requests',
      'failed',
      'a second',
      '× predictMany',
      'p50 ms',
      'p99 ms',
      'loop p99 ms',
      'memory',
      'difference',
    ],
    results.map((r) => [
      ...[r.how, r.requests, r.failed, r.per_second.toFixed(0), r.ratio.toFixed(2)],
      ...[shown(r.p50_ms, 1), shown(r.p99_ms, 1), shown(r.loop_p99_ms, 1), shown(r.memory_growth, 3)],
      r.difference?.toExponential(0) ?? '-',
    ]),
  )
}

async function screening(options: {
  crystals: number
  passes: number
  workers: number
  model: string
  json?: boolean
}): Promise<void> {
  const output = new Output(options.json ?? false)
  const result = await benchScreening(options, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, ...result })
  output.text(
    `${result.crystals} crystals, ${options.model}, one core: milliseconds of processor time a crystal`,
  )
  output.table(
    ['input', 'in memory', 'read', 'write', 'screen', 'crystals/s', 'screen / in memory'],
    result.inputs.map(({ input, ms_per_crystal: ms, ratio }) => [
      ...[input, ms.memory.toFixed(3), ms.read.toFixed(3), ms.write.toFixed(3), ms.screen.toFixed(3)],
      ...[(1000 / ms.screen).toFixed(0), ratio.toFixed(2)],
    ]),
  )
  const [one, several] = result.workers
  output.text(
    `whole screenings: ${one.seconds.toFixed(1)} s by one worker, ${several.seconds.toFixed(1)} s by ${several.workers}, ` +
      `${(one.seconds / several.seconds).toFixed(2)} × as fast; ${result.resident_mb.toFixed(0)} MB resident`,
  )
}

async function readers(options: {
  passes: number
  files: number
  python: string
  json?: boolean
}): Promise<void> {
  const output = new Output(options.json ?? false)
  const result = await benchReaders(options, (message) => output.note(`… ${message}`))
  output.line({ ...MACHINE, ...result })
  for (const [reader, why] of Object.entries(result.absent)) output.note(`not here: ${reader} (${why})`)
  output.text(`one core, processor time; all files of CIF take ${result.cif_seconds.toFixed(2)} s`)
  output.table(
    ['reader', 'format', 'files', 'atoms', 'failed', 'MB/s', '× ours'],
    result.rows.map((r) => [
      ...[r.reader, r.format, r.files, r.atoms, r.failed],
      ...[r.mb_per_s.toFixed(1), r.times_ours.toFixed(2)],
    ]),
  )
}

const bench = new Command('bench').description('measure; --json prints one JSON object on stdout')
bench
  .command('inference', { isDefault: true })
  .description('time the neighbour-table graph beside a dense export of the same weights, one CPU thread')
  .option('--passes <n>', 'passes over each mix; the fastest counts', positiveInteger, 10)
  .option('--json', 'one JSON object on stdout')
  .action(inference)
bench
  .command('engines')
  .description('time the fused engine in native code and in WebAssembly beside onnxruntime')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 9)
  .option('--json', 'one JSON object on stdout')
  .action(engines)
bench
  .command('agreement')
  .description('compare the fused engine with onnxruntime on random crystals')
  .option('--crystals <n>', 'how many', positiveInteger, 1000)
  .option('--json', 'one JSON object on stdout')
  .action(agreement)
bench
  .command('growth')
  .description('time an atom in cells of growing size, on both engines')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 3)
  .option('--largest <atoms>', 'leave out larger cells', positiveInteger, 20_000)
  .option('--json', 'one JSON object on stdout')
  .action(growth)
bench
  .command('cells')
  .description('time large cells on onnxruntime: the whole graph at once, and part by part')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 3)
  .option('--json', 'one JSON object on stdout')
  .action(cells)
bench
  .command('ragged')
  .description('time graphs that join the requests of a batch themselves beside tables')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 7)
  .option('--json', 'one JSON object on stdout')
  .action(ragged)
bench
  .command('ensemble')
  .description('time the members of an ensemble in one file beside one network')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 5)
  .option('--members <n>', 'how many', positiveInteger, 5)
  .option('--json', 'one JSON object on stdout')
  .action(ensemble)
bench
  .command('peers')
  .description('time other networks for energies of crystals, of Python packages that are here, beside ours')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 5)
  .option('--python <program>', 'has the packages', 'python3')
  .option('--json', 'one JSON object on stdout')
  .action(peers)
bench
  .command('cores')
  .description('time predictions on one core and on several: many crystals, and one large cell')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 9)
  .option('--threads <n>', 'cores', positiveInteger, availableParallelism())
  .option('--json', 'one JSON object on stdout')
  .action(cores)
bench
  .command('networks')
  .description('time the exported graph of every network with its default hyper-parameters')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 5)
  .option('--json', 'one JSON object on stdout')
  .action(networks)
bench
  .command('crystalframer')
  .description('time CrystalFramer beside Crystalformer, and its angular encoding in three ways')
  .option('--passes <n>', 'passes over every batch; the fastest counts', positiveInteger, 5)
  .option('--json', 'one JSON object on stdout')
  .action(crystalframer)
bench
  .command('symmetry')
  .description('time predictions with one atom of each orbit beside predictions with all')
  .option('--passes <n>', 'passes over each data set; the fastest counts', positiveInteger, 10)
  .option('--json', 'one JSON object on stdout')
  .action(symmetry)
bench
  .command('memory')
  .description('resident memory over many predictions, and over opening and disposing models')
  .option('--predictions <n>', 'a multiple of ten', positiveInteger, 10_000)
  .option('--cycles <n>', 'a multiple of ten', positiveInteger, 200)
  .option('--json', 'one JSON object on stdout')
  .action(memory)
bench
  .command('train')
  .description('time training steps on every engine that is here, beside the stock kernels of tfjs')
  .option('--steps <n>', 'steps; the fastest counts', positiveInteger, 10)
  .option('--radius <Å>', 'of the sum, instead of the one from the error bound', positiveNumber)
  .option('--json', 'one JSON object on stdout')
  .action(training)
bench
  .command('readers')
  .description('time the readers of CIF and extended XYZ beside gemmi, pymatgen and ASE')
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 3)
  .option('--files <n>', 'files of CIF, and frames', positiveInteger, 5000)
  .option('--python <program>', 'has the packages of the others', 'python3')
  .option('--json', 'one JSON object on stdout')
  .action(readers)
bench
  .command('screening')
  .description('time a screening beside the predictions in it, and by one worker and several')
  .option('--crystals <n>', 'how many', positiveInteger, 4000)
  .option('--passes <n>', 'passes in turns; the median counts', positiveInteger, 3)
  .option('--workers <n>', 'cores', positiveInteger, availableParallelism())
  .option('--model <file>', 'a model file, or one that comes with the package', 'formation-energy')
  .option('--json', 'one JSON object on stdout')
  .action(screening)
bench
  .command('seal')
  .description('time the seal of a model file beside loading it, and how soon changed files are refused')
  .option('--mutations <n>', 'changed files', positiveInteger, 10_000)
  .option('--json', 'one JSON object on stdout')
  .action(seal)
bench
  .command('serving')
  .description('time a server with many clients beside predictMany and beside one prediction a request')
  .option('--requests <n>', 'of each', positiveInteger, 4000)
  .option('--clients <n>', 'that ask at a time', positiveInteger, 32)
  .option('--model <file>', 'a model file, or a name', 'formation-energy')
  .option('--json', 'one JSON object on stdout')
  .action(serving)
await bench.parseAsync()
