// `convert model.json -o model.onnx`: a graph or layers model of TensorFlow.js to ONNX. No crystals here.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { ExternalData } from '../../exporters/onnx/options.ts'
import { LimitError, ModelFileError } from '../errors.ts'
import { textOf } from '../files.ts'
import { LIMITS, whole } from './options.ts'
import { Output } from './output.ts'
import { checkOutputFile } from './output-file.ts'
import { checkNamedModel } from './output-name.ts'
import { progressBar } from './progress.ts'
import { endedBySystem } from './signals.ts'

/** A model.json holds a graph, no weights. */
const MOST_JSON = 2 ** 28
/** Bytes that are read at once. */
const PIECE = 2 ** 20

interface Options {
  output: string
  inputs?: Record<string, (number | string)[]>
  opset: number
  externalData?: boolean
  verify: boolean
  json?: boolean
}

export function convertCommand(): Command {
  return new Command('convert')
    .description('a TensorFlow.js graph or layers model to ONNX')
    .argument('<model.json>', 'the graph; its files of weights lie beside it')
    .requiredOption('-o, --output <file>', 'the file to write')
    .option(
      '--inputs <shapes...>',
      'shapes of inputs, a name for a size that is open: x:N,224,224,3',
      inputShape,
    )
    .option('--opset <n>', 'ONNX operator set, 17 to 21', whole(LIMITS.opset), 17)
    .option('--external-data', 'weights in a file of their own beside it, its name with .data behind')
    .option('--verify', 'run the file beside the model at sizes that were not recorded (the default)', true)
    .option('--no-verify', 'do not')
    .option('--json', 'one JSON line on stdout')
    .addHelpText(
      'after',
      `
Examples:
  crystal-onnx convert web_model/model.json -o model.onnx
  crystal-onnx convert model.json -o model.onnx --inputs image:N,224,224,3`,
    )
    .action(run)
}

function inputShape(text: string, others: Options['inputs'] = {}): Options['inputs'] {
  const [, name, sizes] = /^(.+):([^:]*)$/.exec(text) ?? []
  const shape = sizes?.split(',').map((size) => (/^\d+$/.test(size) ? Number(size) : size.trim()))
  if (
    name === undefined ||
    !shape?.every((size) => typeof size === 'number' || /^[A-Za-z_]\w*$/.test(size))
  ) {
    throw new InvalidArgumentError(`"${text}" is no name and shape such as x:N,224,224,3`)
  }
  return { ...others, [name]: shape }
}

async function run(file: string, options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  const bar = progressBar('convert', 100)
  try {
    const { parseModelJson, withWeights } = await import('../../exporters/onnx/model-json.ts')
    const { writeWhole } = await import('../files.ts')
    const { size } = await stat(file)
    if (size > MOST_JSON) throw new LimitError(`${file}: ${size} bytes, at most ${MOST_JSON} are read`)
    const json = parseModelJson(await textOf(file), file)
    const shards = json.groups.map(({ paths }) => paths.map((path) => join(dirname(file), path)))
    const beside = `${basename(options.output)}.data`
    const data = join(dirname(options.output), beside)
    const { MOST_INSIDE } = await import('../../exporters/onnx/file/external.ts')
    const apart = options.externalData || json.groups.reduce((sum, { bytes }) => sum + bytes, 0) > MOST_INSIDE
    for (const path of apart ? [options.output, data] : [options.output])
      await checkOutputFile(path, [file, ...shards.flat()])
    checkNamedModel(options.output)
    // Nothing here holds the files of weights once they are tensors.
    const stored = async () => {
      const groups = await Promise.all(shards.map((paths, g) => shardsOf(paths, json.groups[g].bytes, file)))
      return withWeights(json, groups.flat())
    }
    const { convertModel } = await import('../../exporters/onnx/convert.ts')
    const inputs = Object.entries(options.inputs ?? {}).map(([name, shape]) => [name, { shape }])
    const result = await endedBySystem(async () =>
      convertModel(json.kind, await stored(), file, {
        opset: options.opset,
        verify: options.verify,
        ...(apart && { externalData: { location: beside } }),
        ...(inputs.length > 0 && { inputs: Object.fromEntries(inputs) }),
        onProgress: (stage, done, total) => bar.update(Math.round((100 * done) / total), stage),
      }),
    )
    const { external } = result
    // First: without it the other one is of no use.
    if (external) await writeWhole(join(dirname(options.output), external.location), piecesOf(external))
    await writeWhole(options.output, result.bytes)
    bar.stop()
    for (const note of result.notes) output.warn(note)
    const { bytes, nodes, verified } = result
    output.line(
      {
        ...{ file: options.output, bytes: bytes.length, nodes, opset: options.opset },
        ...(external && { external: { file: external.location, bytes: external.length } }),
        ...{
          inputs: result.inputs,
          outputs: result.outputs,
          notes: result.notes,
          verified: verified ?? null,
        },
      },
      `${options.output}: ${nodes} nodes, ${bytes.length} bytes${external ? ` and ${external.length} in ${external.location}` : ''}${
        verified
          ? `; agrees with the model at ${verified.sizes.length} sizes to ${verified.error.toExponential(1)} (${Math.round(verified.ms)} ms)`
          : ''
      }`,
    )
  } finally {
    bar.stop()
  }
}

async function* piecesOf({ parts }: ExternalData): AsyncGenerator<Uint8Array> {
  yield* parts
}

/** The files of a group. Their sizes are looked at before they are read. */
async function shardsOf(paths: readonly string[], bytes: number, file: string): Promise<Uint8Array[]> {
  const sizes = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch((cause: unknown) => {
        throw new ModelFileError(
          `${file}: its weights "${path}" cannot be read: ${(cause as Error).message}`,
          { cause },
        )
      })
      return found.size
    }),
  )
  const total = sizes.reduce((a, b) => a + b, 0)
  if (total !== bytes) {
    const list = paths.map((path, i) => `${path} (${sizes[i]} bytes)`).join(', ')
    throw new ModelFileError(
      `${file}: these weights take ${bytes} bytes, found ${total} in ${list}: a file is cut off or is that of another model; ` +
        'copy all of them again',
    )
  }
  return Promise.all(paths.map((path, i) => contentOf(path, sizes[i])))
}

/** readFile ends at 2 GiB. */
async function contentOf(path: string, size: number): Promise<Uint8Array> {
  const content = new Uint8Array(size)
  let at = 0
  for await (const piece of createReadStream(path, { highWaterMark: PIECE }) as AsyncIterable<Uint8Array>) {
    content.set(piece, at)
    at += piece.length
  }
  return content
}
