// The options of a model file, which export and import take alike, and what they mean to the exporter.

import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DomainData } from '../../exporters/crystal/domain.ts'
import type { CrystalExportOptions, CrystalExportReport } from '../../exporters/crystal/exported-file.ts'
import type { Precision } from '../../exporters/crystal/precision.ts'
import { EXTRA_OUTPUTS, type ExtraOutput } from '../../models/network.ts'
import type { Provenance } from '../../runtimes/card-provenance.ts'
import type { Structure } from '../crystal/structure.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import { ConfigError } from '../errors.ts'
import { textOf } from '../files.ts'
import { readConfigFile } from './config-file.ts'
import { finiteNumber, LIMITS, positiveNumber, whole } from './options.ts'

const PRECISIONS = ['float32', 'float16', 'int8'] as const satisfies readonly Precision[]

export interface ModelFileOptions {
  output: string
  mode?: 'converged' | 'published'
  config?: string
  property?: string
  unit?: string
  mean?: number
  std?: number
  outputs?: ExtraOutput[]
  geometry?: 'tables' | 'in-graph'
  precision?: Precision
  gate?: string
  domain?: string
  provenance?: string
  sign?: string
  externalData?: boolean
  opset: number
  json?: boolean
}

/** Adds them to a command. */
export function addModelFileOptions(command: Command): Command {
  return command
    .requiredOption('-o, --output <file>', 'the file to write')
    .addOption(
      new Option('--mode <mode>', 'sum every image that matters, or the box of the published code').choices([
        'converged',
        'published',
      ]),
    )
    .option('--config <file>', 'hyper-parameters under their published names, where the input has none')
    .option('--property <name>', 'what the output is, where the input does not say')
    .option('--unit <unit>', 'its unit, such as eV/atom')
    .option('--mean <x>', 'mean of the training targets: prediction = output · std + mean', finiteNumber)
    .option('--std <x>', 'standard deviation of the training targets', positiveNumber)
    .option(
      '--outputs <names>',
      `what the graph gives besides the prediction: ${EXTRA_OUTPUTS.join(', ')}`,
      outputNames,
    )
    .addOption(
      new Option(
        '--geometry <place>',
        'neighbour tables from this toolkit, or images made in the graph, for any client of onnxruntime',
      ).choices(['tables', 'in-graph']),
    )
    .addOption(
      new Option(
        '--precision <type>',
        'bits of the weights in the file; refused when they move the golden samples',
      ).choices(PRECISIONS),
    )
    .option('--gate <data>', 'float16, int8: refused when they move the predictions of these crystals, too')
    .option(
      '--domain <data>',
      'labelled crystals to fit the domain of validity to, where the input has none: their train and val splits',
    )
    .option('--provenance <file>', 'JSON for the card: licence, data, teachers, notes (docs/export.md)')
    .option('--sign <key>', 'sign the file with this Ed25519 private key, PEM (docs/security.md)')
    .option('--external-data', 'the weights in a file of their own beside it, its name with .data behind')
    .option('--opset <n>', 'ONNX operator set, 17 to 21', whole(LIMITS.opset), 17)
    .option('--json', 'one JSON object on stdout')
}

/** What signs the finished file, where a key was named: it is read and checked before the work begins. */
export async function signerOf({
  sign,
}: Pick<ModelFileOptions, 'sign'>): Promise<(bytes: Uint8Array) => Promise<Uint8Array>> {
  if (sign === undefined) return async (bytes) => bytes
  const { signingKey, signModel } = await import('../../exporters/crystal/sign.ts')
  const pem = await textOf(sign)
  signingKey(pem, sign)
  return (bytes) => signModel(bytes, pem)
}

/** What the exporter is told. @param targets that the model predicts */
export async function exportOptions(
  { outputs, geometry, precision, gate, domain, provenance, opset }: ModelFileOptions,
  targets: CrystalExportOptions['targets'],
): Promise<
  Pick<
    CrystalExportOptions,
    'outputs' | 'inGraph' | 'precision' | 'gate' | 'domainData' | 'provenance' | 'opset'
  >
> {
  const crystals = gate === undefined ? undefined : await structuresOf(gate)
  const domainData = domain === undefined ? undefined : await labelledOf(domain, targets)
  return {
    ...{ outputs, inGraph: geometry === 'in-graph', precision, gate: crystals, domainData, opset },
    provenance: provenance === undefined ? undefined : await readProvenance(provenance),
  }
}

/** @throws ConfigError naming what is not as card-provenance.ts has it */
async function readProvenance(file: string): Promise<Provenance> {
  const given = await readConfigFile(file)
  const { provenanceFault } = await import('../../runtimes/card-provenance.ts')
  const fault = provenanceFault(given)
  if (fault !== undefined) throw new ConfigError(`${file}: ${fault}`)
  return given as Provenance
}

/** The crystals that a network learned from, and those that it was tuned on. */
async function labelledOf(data: string, targets: CrystalExportOptions['targets']): Promise<DomainData> {
  const { loadDataset } = await import('../data/dataset.ts')
  const { splitDataset } = await import('../data/split.ts')
  const names = targets.map(({ name }) => name)
  const { train, val } = splitDataset(await loadDataset(data, { target: names, onUnlabelled: () => {} }))
  const samples = (crystals: readonly LabelledCrystal[]) =>
    crystals.map(({ structure, targets }) => ({
      structure,
      values: names.map((name) => targets[name] ?? null),
    }))
  return { learned: samples(train), heldOut: samples(val) }
}

/** The crystals of a data set, whatever they are labelled with. */
export async function structuresOf(data: string): Promise<AsyncIterable<Structure>> {
  const { readDataset } = await import('../data/dataset.ts')
  const crystals = readDataset(data)
  return (async function* () {
    for await (const { structure } of crystals) yield structure
  })()
}

function outputNames(text: string): ExtraOutput[] {
  return text.split(',').map((part) => {
    const name = EXTRA_OUTPUTS.find((known) => known === part.trim())
    if (name !== undefined) return name
    throw new InvalidArgumentError(`expected ${EXTRA_OUTPUTS.join(' or ')}, or both joined by a comma.`)
  })
}

/** What is said of a file that was written, as JSON. */
export function reported(file: string, report: CrystalExportReport): object {
  const { bytes, nodes, opset, cutoff, golden, radius_cost, precision, domain } = report
  return { file, bytes, nodes, opset, cutoff, golden, radius_cost, precision, domain }
}

/** The lines that people read about it. */
export function described(
  file: string,
  { bytes, nodes, opset, cutoff, golden, radius_cost, precision, domain }: CrystalExportReport,
  targets: CrystalExportOptions['targets'],
): string {
  const moved = (share: number) => `${(100 * share).toPrecision(2)} % of the targets' standard deviation`
  return (
    `${file}: ${(bytes / 2 ** 20).toFixed(1)} MiB, ${nodes} nodes, opset ${opset}, ` +
    `cutoff ${cutoff === null ? 'none' : `${cutoff.toFixed(2)} Å`}, golden samples within ${golden.max_rel.toExponential(1)}` +
    (radius_cost ? `\n${costInWords(radius_cost, targets)}` : '') +
    (precision
      ? `\n${precision.weights} weights move golden samples by at most ${moved(precision.golden_error)}`
      : '') +
    (precision?.gate
      ? `, ${precision.gate.crystals} crystals by ${moved(precision.gate.mean_error)} in the mean`
      : '') +
    (domain
      ? `\ndomain of ${domain.fitted} crystals, calibrated on ${domain.held_out}`
      : '\ndomain unknown: nothing will tell whether a prediction can be trusted (--domain DATA)')
  )
}

/** What a radius costs. */
export function costInWords(
  { crystals, converged_radius, mean, max }: NonNullable<CrystalExportReport['radius_cost']>,
  targets: CrystalExportOptions['targets'],
): string {
  const moved = targets.map(
    ({ name, unit }, t) =>
      `${name} by ${mean[t].toPrecision(2)} ${unit} in the mean, at most ${max[t].toPrecision(2)}`,
  )
  return `against a radius of ${converged_radius.toFixed(2)} Å, ${crystals} crystals differ in ${moved.join(', in ')}`
}
