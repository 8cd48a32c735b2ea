// `verify m.onnx [FILES…]`: float64 reference, the graph in float64, tfjs and every onnxruntime device here, on the golden samples of the file
// and on any crystals given, alone and in batches. Exit code 1 when anything is over the model's tolerance.

import { Command } from 'commander'
import pc from 'picocolors'
import type { NodeDevice } from '../../runtimes/node/devices.ts'
import type { Structure } from '../crystal/structure.ts'
import { PlatformError } from '../errors.ts'
import { withMissingPackage } from '../missing-package.ts'
import { namedDevices } from './device.ts'
import { EXIT } from './exit.ts'
import { readInputs } from './inputs.ts'
import { loadNetworks, networkOption } from './network-option.ts'
import { Output } from './output.ts'
import { progressBar } from './progress.ts'
import { readPublicKeys } from './public-keys.ts'
import { endedBySystem } from './signals.ts'

export function verifyCommand(): Command {
  return new Command('verify')
    .description('compare the file with the float64 mathematics on every device here')
    .argument('<model>', 'an .onnx file written by export')
    .argument(
      '[files...]',
      'structure files to verify on, besides the golden samples (at most 100 atoms each)',
    )
    .option('--device <devices>', 'only these, with commas; each of them must be here', namedDevices)
    .option('--key <file>', 'refuse a file that none of the Ed25519 public keys in this PEM file has signed')
    .addOption(networkOption())
    .option('--smooth', 'also how much predictions change when atoms move by 1e-6 to 1e-2 Å')
    .option('--json', 'JSON lines on stdout: one per device, structure and batch')
    .addHelpText('after', '\nExample:\n  crystal-onnx verify model.onnx examples/structures/*.cif')
    .action(verify)
}

interface Options {
  network?: string
  key?: string
  device?: NodeDevice[]
  smooth?: boolean
  json?: boolean
}

async function verify(model: string, files: string[], options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  const publicKey = options.key === undefined ? undefined : await readPublicKeys(options.key)
  if (options.network !== undefined) await loadNetworks(options.network)
  if (publicKey !== undefined) {
    await checkSigned(model, publicKey)
    output.line({ file: model, signature: 'valid' })
    output.text(`${model}: signed with a key of ${options.key}`)
  }
  const verifyModel = await verifier(files, options, output)
  if (verifyModel === undefined) return
  const structures: Structure[] = []
  for await (const { file, index, warnings, error, structure } of readInputs(files)) {
    for (const warning of warnings) output.warn(`${file}: ${warning}`)
    if (structure) structures.push({ ...structure, name: index === 0 ? file : `${file} #${index}` })
    else output.fail({ file, index }, error)
  }

  const bar = progressBar('verify')
  let done = 0
  const { device: devices, smooth } = options
  const result = await endedBySystem(() =>
    verifyModel(model, { structures, devices, smooth, publicKey, onRow: () => bar.update(++done) }),
  )
  bar.stop()
  for (const { structure, error } of result.failed) output.fail({ file: structure }, error)
  for (const row of result.rows) output.line(row)
  for (const row of result.smoothness) output.line(row)
  if (result.jumps !== undefined) output.line({ file: model, jumps: result.jumps })
  for (const { reason } of result.passedOver) output.note(`passed over: ${reason}`)
  output.table(
    ['check', 'property', 'values', 'max |error|', 'mean |error|', 'unit', 'max rel.', 'mean rel.', ''],
    result.summaries.map((s) => [
      s.device,
      s.property,
      s.count,
      s.maxAbs.toExponential(1),
      s.meanAbs.toExponential(1),
      s.unit,
      s.maxRel.toExponential(1),
      s.meanRel.toExponential(1),
      s.pass ? pc.green('ok') : pc.red('FAILED'),
    ]),
  )
  if (smooth) {
    output.table(
      ['moved by', 'property', 'max |change|', 'unit', 'a Å', 'crystal'],
      result.smoothness.map((s) => [
        s.amplitude === 0 ? 'written differently' : `${s.amplitude} Å`,
        s.property,
        s.change.toExponential(1),
        s.unit,
        s.per_angstrom?.toPrecision(2) ?? '',
        s.structure,
      ]),
    )
  }
  if (result.jumps !== undefined) {
    output.text(
      `predictions jump where it is nearly a tie ${result.jumps}: when atoms move, and where rounding decides, when the ` +
        `crystal is written down differently${smooth ? '' : '; how much, measures --smooth'}`,
    )
  }
  output.text(
    result.pass
      ? `${model}: every check is within ${result.tolerance} of the float64 reference`
      : `${model}: over the tolerance ${result.tolerance}; rows: --json. Export the model again, or do not use that device`,
  )
  process.exitCode = result.pass ? output.exitCode() : EXIT.failed
}

/** @throws SignatureError when none of the keys has signed the file */
async function checkSigned(model: string, publicKey: string): Promise<void> {
  const { checkSignature } = await import('../../runtimes/signature.ts')
  const { NODE } = await import('../../runtimes/node/devices.ts')
  const { readModel } = await import('../../runtimes/node/source.ts')
  const { bytes, file } = await readModel(model)
  await checkSignature(bytes, publicKey, NODE, file)
}

/**
 * What compares a model. Undefined, with a warning, where TensorFlow.js is not installed and a signature, which needs none, is
 * all that was asked for.
 */
async function verifier(files: readonly string[], { key, device, smooth }: Options, output: Output) {
  try {
    return (await import('../../exporters/crystal/verify.ts')).verifyModel
  } catch (error) {
    const missing = withMissingPackage(error)
    const onlySignature = key !== undefined && files.length === 0 && device === undefined && !smooth
    if (!(missing instanceof PlatformError && onlySignature)) throw missing
    output.warn(`only the signature was checked, predictions were not: ${missing.message}`)
    return undefined
  }
}
