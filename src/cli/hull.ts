// `hull FILES…`: energies above the convex hull of the chemical system, of what a model predicts or a data set says.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { isPretrained, knownPhases } from '../../models/pretrained/addresses.ts'
import type { DeviceChoice } from '../../runtimes/choose-device.ts'
import type { EngineChoice } from '../../runtimes/engine-name.ts'
import { load } from '../../runtimes/node/load.ts'
import { atomicFractions, reducedFormula } from '../crystal/formula.ts'
import type { Structure } from '../crystal/structure.ts'
import { ConfigError } from '../errors.ts'
import type { Phase } from '../hull/hull.ts'
import { type Interval, judge, ofFirstTarget } from '../hull/judge.ts'
import { answers, type Place } from './answers.ts'
import { deviceOption, engineOption } from './device.ts'
import { STRUCTURE_FILES } from './inputs.ts'
import { modelOption, remarkDefault } from './model-option.ts'
import { Output } from './output.ts'
import { checkOutputFile } from './output-file.ts'
import { progressBar } from './progress.ts'

interface Options {
  references?: string
  model: string
  target?: string
  output?: string
  device: DeviceChoice
  engine: EngineChoice
  json?: boolean
}

/** For `--references`. */
const NONE = 'none'

/** A crystal of the files with its energy. */
interface Candidate {
  readonly place: Place
  readonly name: string
  readonly phase: Phase
  readonly interval?: Interval
}

export function hullCommand(): Command {
  return new Command('hull')
    .description('energies above the convex hull of the chemical system, and decomposition products')
    .argument('<files...>', `${STRUCTURE_FILES}; with --target and without --model, data sets`)
    .addOption(
      new Option(
        '--references <data>',
        'a data set of known phases, with formation energies an atom; for energies of the models that come with the package ' +
          `by default phases of the Materials Project, which come with it, too; ${NONE} for the files alone`,
      ),
    )
    .addOption(modelOption())
    .option(
      '--target <name>',
      'the energies of data sets are their target of this name; without --model, those of the files, too',
    )
    .option('-o, --output <file>', 'an HTML report, with diagrams of systems of two and three elements')
    .addOption(deviceOption())
    .addOption(engineOption())
    .option('--json', 'JSON lines on stdout')
    .addHelpText(
      'after',
      `
The hull is that of the files, the references, and the elements at 0.

Examples:
  crystal-onnx hull candidates/*.cif -o hull.html
  crystal-onnx hull candidates/*.cif --model e_form.onnx --references mp.jsonl.gz -o hull.html
  crystal-onnx hull known.jsonl.gz --target e_form --json | jq 'select(.stable)'`,
    )
    .action(hull)
}

async function hull(files: string[], options: Options, command: Command): Promise<void> {
  const output = new Output(options.json ?? false)
  const { target, output: out } = options
  const labels = target !== undefined && command.getOptionValueSource('model') === 'default'
  const file = labels ? undefined : options.model
  if (file !== undefined) remarkDefault(command, output)
  const references = options.references === NONE ? undefined : options.references
  if (out !== undefined) await checkOutputFile(out, [...files, references, file])
  const { hullOf } = await import('../hull/hull.ts')
  const { mixture, shownInterval } = await import('../hull/page.ts')
  const { candidates, property } =
    file === undefined
      ? { candidates: await readCandidates(files, target!, output), property: target! }
      : await predictCandidates(files, file, options, output)
  const known =
    references !== undefined
      ? (await readCandidates([references], target ?? property, output)).map(({ phase }) => phase)
      : options.references === undefined && file !== undefined && isPretrained(file)
        ? await phasesOfPackage(output)
        : []
  const found = hullOf([...known, ...candidates.map(({ phase }) => phase)])
  const asked = candidates.map((candidate) => ({
    ...candidate,
    verdict: judge(found, candidate.phase, candidate.interval),
  }))

  for (const { place, phase, verdict } of asked) {
    const { above, decomposition, interval } = verdict
    const { formula, energy } = phase
    const { file, index } = place
    output.line({
      file,
      index,
      formula,
      e_form: energy,
      e_hull: above,
      stable: above === 0,
      interval,
      decomposition,
    })
  }
  output.table(
    ['crystal', 'formula', 'e_form', 'e_hull', 'decomposes into'],
    asked.map(({ name, phase, verdict }) => [
      ...[name, phase.formula, phase.energy.toFixed(4), verdict.above.toFixed(4) + shownInterval(verdict)],
      verdict.above === 0 ? 'stable' : mixture(verdict),
    ]),
  )
  if (out !== undefined) {
    const { hullPage } = await import('../hull/page.ts')
    const { writeWhole } = await import('../files.ts')
    await writeWhole(out, await hullPage(found, asked))
    output.note(`report: ${out}`)
  }
  process.exitCode = output.exitCode()
}

async function phasesOfPackage(output: Output): Promise<Phase[]> {
  const { readPhases } = await import('../hull/known.ts')
  const phases = readPhases(await readFile(fileURLToPath(knownPhases), 'utf8'))
  output.note(
    `references: ${phases.length} phases of the Materials Project, which come with the package (--references DATA for others)`,
  )
  return phases
}

/** Crystals of data sets with their energies; those without one are counted on stderr. */
async function readCandidates(
  files: readonly string[],
  target: string,
  output: Output,
): Promise<Candidate[]> {
  const { readDataset } = await import('../data/dataset.ts')
  const candidates: Candidate[] = []
  for (const file of files) {
    let index = 0
    let unlabelled = 0
    const onUnlabelled = () => {
      index++
      unlabelled++
    }
    for await (const { id, structure, targets } of readDataset(file, { target, onUnlabelled })) {
      candidates.push({
        place: { file, index: index++ },
        name: id,
        phase: phaseOf(structure, targets[target]),
      })
    }
    if (unlabelled > 0) output.note(`${file}: ${unlabelled} crystals without ${target} are left out`)
  }
  return candidates
}

async function predictCandidates(
  files: readonly string[],
  file: string,
  { device, engine }: Options,
  output: Output,
): Promise<{ candidates: Candidate[]; property: string }> {
  const model = await load(file, { device, engine, onWarning: (message) => output.warn(message) })
  const bar = progressBar('predict')
  try {
    const [{ name: property, unit }] = model.card.targets
    if (!/\/\s*atom$/i.test(unit)) {
      throw new ConfigError(
        `${file} predicts ${property} in ${unit}, expected a formation energy an atom (eV/atom)`,
      )
    }
    const candidates: Candidate[] = []
    for await (const { place, structure, result, error } of answers(files, output, (s) =>
      model.predictMany(s),
    )) {
      if (result) {
        const name = `${place.file} #${place.index}`
        candidates.push({
          place,
          name,
          phase: phaseOf(structure, result.value),
          interval: ofFirstTarget(result.interval),
        })
      } else output.fail(place, error)
      bar.update(candidates.length)
    }
    return { candidates, property }
  } finally {
    bar.stop()
    await model.dispose()
  }
}

function phaseOf(structure: Structure, energy: number): Phase {
  return { formula: reducedFormula(structure), fractions: atomicFractions(structure), energy }
}
