// `inspect m.onnx`: the card, the inputs and outputs, and how often each operator occurs. Runs nothing.

import { Command } from 'commander'
import type { Card } from '../../runtimes/card.ts'
import type { Origin } from '../../runtimes/card-provenance.ts'
import type { GraphValue } from '../../runtimes/metadata.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { readModel } from '../../runtimes/node/source.ts'
import { checkSeal } from '../../runtimes/seal.ts'
import { unsigned } from '../../runtimes/signature.ts'
import { costInWords } from './model-file-options.ts'
import { Output } from './output.ts'

/** Names of the ONNX element types that a graph of ours can take or give. */
const ELEMENT_TYPE = new Map([
  [1, 'float32'],
  [6, 'int32'],
  [7, 'int64'],
  [9, 'bool'],
  [10, 'float16'],
])

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show the card, inputs, outputs and operators of a model file')
    .argument('<model>', 'an .onnx file written by export, or the name of one that comes with the package')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  crystal-onnx inspect model.onnx --json | jq .card.targets')
    .action(async (file: string, options: { json?: boolean }) => {
      const output = new Output(options.json ?? false)
      const { bytes } = await readModel(file)
      const model = readModelFile(bytes, file)
      const sealed = await checkSeal(bytes, model, file)
      const signed = unsigned(bytes).signature !== undefined
      const { card, metadata: graph } = model
      output.line({
        file,
        bytes: bytes.length,
        sealed,
        signed,
        opset: graph.opsets.get(''),
        ir_version: graph.irVersion,
        inputs: graph.inputs.map(value),
        outputs: graph.outputs.map(value),
        operators: Object.fromEntries(graph.operators),
        card,
      })
      if (output.json) return
      const { images } = card.geometry
      const metrics = Object.entries(card.training?.metrics ?? {}).map(([k, v]) => `${k} ${v.toPrecision(4)}`)
      output.table(
        ['', file],
        [
          ['predicts', card.targets.map(target).join(', ')],
          ...(card.demonstration ? [['purpose', 'a demonstration: of no use elsewhere']] : []),
          ['architecture', `${card.architecture}, ${card.mode}`],
          ['configuration', configuration(card.config)],
          ['images', images ? JSON.stringify(images) : 'none'],
          ['takes', card.geometry.in_graph ? 'cells and a table of translations' : 'neighbour tables'],
          ['gives', ['prediction', ...card.outputs].join(', ')],
          ['weights', card.precision ? precision(card.precision) : 'float32'],
          ['error bound', card.error_bound === null ? 'published box' : String(card.error_bound)],
          ...(card.radius_cost ? [['cost of the radius', costInWords(card.radius_cost, card.targets)]] : []),
          [
            'element table',
            `${card.elements.length} (Z ${Math.min(...card.elements)} to ${Math.max(...card.elements)})`,
          ],
          ...(card.smoothness ? [['changes', changes(card)]] : []),
          ['domain', domain(card)],
          ['training', [card.training?.data, ...metrics].filter(Boolean).join(', ') || 'not recorded'],
          ...provenance(card),
          ['seal', sealed ? 'not a byte has changed since the export' : 'none: older than seals'],
          ['signature', signed ? 'there is one; whose, says verify --key' : 'none'],
          ['golden samples', card.golden.map((g) => g.name).join(', ')],
          [
            'written by',
            `crystal-onnx ${card.toolkit}, opset ${graph.opsets.get('')}, ${bytes.length} bytes`,
          ],
        ],
      )
      output.table(
        ['input / output', 'type', 'shape'],
        [...graph.inputs, ...graph.outputs]
          .map(value)
          .map((v) => [v.name, v.type, `[${v.shape.join(', ')}]`]),
      )
      output.table(['operator', 'nodes'], [...graph.operators])
    })
}

function value({ name, type, shape }: GraphValue): {
  name: string
  type: string
  shape: readonly (number | string)[]
} {
  return { name, type: ELEMENT_TYPE.get(type) ?? `type ${type}`, shape }
}

function target({ name, unit, transform }: Card['targets'][number]): string {
  return `${name} (${unit}${transform ? `; learned as ${transform}` : ''})`
}

/** What the model has seen, and what came out on crystals that it had not. */
function domain({ domain, targets }: Card): string {
  if (!domain) return 'unknown: nothing tells whether a prediction can be trusted'
  const { crystals, elements, sites, volume_per_atom, held_out } = domain
  const errors = targets.map(({ unit }, t) => {
    const [inside, outside] = [held_out.error_inside[t], held_out.error_outside[t]]
    return `mean error ${inside?.toPrecision(3)} inside, ${outside?.toPrecision(3) ?? 'none'} outside (${unit})`
  })
  return (
    `${crystals.fitted} crystals of ${elements.length} elements, ${sites.join(' to ')} sites, ` +
    `${volume_per_atom.map((v) => v.toPrecision(3)).join(' to ')} Å³ an atom\n` +
    `${(100 * held_out.outside).toFixed(1)} % of ${crystals.held_out} held-out ones outside; ${errors.join('; ')}`
  )
}

/** Whose work is in it. */
function provenance({
  provenance: { licence, data = [], teachers = [], notes = [] } = {},
}: Card): string[][] {
  const origin = ({ name, licence, source }: Origin) => [name, licence, source].filter(Boolean).join('; ')
  return [
    ['licence', licence ?? 'not said'],
    ...(data.length > 0 ? [['data', data.map(origin).join('\n')]] : []),
    ...(teachers.length > 0 ? [['taught by', teachers.map(origin).join('\n')]] : []),
    ...(notes.length > 0 ? [['notes', notes.join('\n')]] : []),
  ]
}

function precision({ weights, golden_error: error }: NonNullable<Card['precision']>): string {
  return `${weights}; golden samples moved by ${(100 * error).toPrecision(2)} % of the targets' standard deviation`
}

function configuration({ members, ...config }: Record<string, unknown>): string {
  if (Array.isArray(members)) {
    return members.map((member) => `${member.architecture}: ${configuration(member)}`).join('\n')
  }
  const shown = ['num_layers', 'model_dim', 'head_num', 'ff_dim', 'value_pe_dist_real', 'domain']
  return shown
    .filter((key) => key in config)
    .map((key) => `${key} ${config[key]}`)
    .join(', ')
}

/** What predictions of golden crystals change by when they are written down differently or their atoms move, for the first target. */
function changes({ smoothness = [], targets }: Card): string {
  const [{ unit }] = targets
  return smoothness
    .map(({ amplitude, change: [change] }) => {
      const by = amplitude === 0 ? 'when written differently' : `by ${amplitude} Å`
      return `${change.toExponential(0)} ${unit} ${by}`
    })
    .join(', ')
}
