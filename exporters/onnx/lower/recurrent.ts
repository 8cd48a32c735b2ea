// Recurrent cells over a whole sequence, as ONNX's LSTM, GRU and RNN. Layers of tfjs run them step by step in JavaScript,
// and every cell has its gates in another order than ONNX.

import { ExportError } from '../../../src/errors.ts'
import { cast, expand, positions, reshape, stepped, transpose } from '../build.ts'
import type { Builder } from '../builder.ts'
import { constantData, type Value } from '../values.ts'
import { flag, input, type Lowering, text } from './lowering.ts'

/** The place among the gates of tfjs of each gate of ONNX: i, o, f, c of LSTM; z, r, h of GRU. */
const GATES: Readonly<Record<string, readonly number[]>> = { LSTM: [0, 3, 1, 2], GRU: [0, 1, 2], RNN: [0] }

/** Weights [in, gates·units] of tfjs as [1, gates·units, in]. */
function gatesFirst(g: Builder, op: string, weights: Value): Value {
  const data = numbersOf(op, weights)
  const [depth, columns] = weights.shape as number[]
  const gates = GATES[op]
  const units = columns / gates.length
  const result = new Float32Array(data.length)
  for (const [place, gate] of gates.entries()) {
    for (let unit = 0; unit < units; unit++) {
      const row = (place * units + unit) * depth
      for (let d = 0; d < depth; d++) result[row + d] = data[d * columns + gate * units + unit]
    }
  }
  return g.constant(result, [1, columns, depth])
}

/** The bias of the input, in ONNX's order, then that of the state, which tfjs does not have. */
function biases(g: Builder, op: string, bias: Value): Value {
  const data = numbersOf(op, bias)
  const gates = GATES[op]
  const units = data.length / gates.length
  const result = new Float32Array(2 * data.length)
  for (const [place, gate] of gates.entries()) {
    result.set(data.subarray(gate * units, (gate + 1) * units), place * units)
  }
  return g.constant(result, [1, result.length])
}

function numbersOf(op: string, value: Value): Float32Array {
  const data = constantData(value)
  if (data instanceof Float32Array) return data
  throw new ExportError(`${op}: its weights depend on an input; only fixed weights can be exported`)
}

/** The steps that count, first of all in the order of time; how many they are; and the order. */
function compacted(g: Builder, x: Value, mask: Value) {
  const [, time] = x.shape
  const counts = cast(g, mask, 'int32')
  const skipped = g.op('Sub', [g.scalar(1, 'int32'), counts])
  const places = positions(g, [1, time], 1)
  // Later than every other step by their number.
  const after = g.op('Mul', [
    cast(g, skipped, 'float32'),
    g.op('Add', [lastOf(g, places), g.scalar(1, 'float32')]),
  ])
  const keys = g.op('Add', [places, after])
  const [, order] = g.ops('TopK', [keys, g.sizes([time])], { axis: 1, largest: 0, sorted: 1 })
  return {
    steps: takenAlongTime(g, x, cast(g, order, 'int32')),
    counted: g.op('CumSum', [counts, g.scalar(1, 'int32')], { exclusive: 0, reverse: 0 }),
    length: g.op('ReduceSum', [counts], { axes: [1], keepdims: 0 }),
  }
}

const lastOf = (g: Builder, places: Value) => g.op('ReduceMax', [places], { axes: [1], keepdims: 1 })

/** Rows [batch, time, n] at the places [batch, steps]. */
function takenAlongTime(g: Builder, rows: Value, places: Value): Value {
  const [batch, steps] = places.shape
  const width = rows.shape[2]
  const spread = expand(g, reshape(g, places, [batch, steps, 1]), [batch, steps, width])
  return g.op('GatherElements', [rows, spread], { axis: 1 })
}

/**
 * One cell over a sequence [batch, time, n]. `part` of the attributes says what is asked for: the results of all steps, the
 * last one, or the last state of the cell. Steps that are masked change nothing, and repeat what was there before.
 */
export const recurrent: Lowering = (g, call) => {
  const { kernel: op } = call
  const given = (name: string) => call.inputs.get(name)
  const part = text(call, 'part')
  const activations = call.attrs.activations as readonly string[]
  const order = flag(call, 'backwards')
    ? (x: Value) =>
        stepped(
          g,
          x,
          x.shape.map((_, axis) => (axis === 1 ? -1 : 1)),
        )
    : (x: Value) => x
  const x = order(cast(g, input(call, 'x'), 'float32'))
  const mask = given('mask')
  const valid = mask && compacted(g, x, order(mask))
  const [batch, time] = x.shape
  const recurrentWeights = gatesFirst(g, op, input(call, 'recurrentKernel'))
  const units = recurrentWeights.shape[2] as number
  const first = (name: string) => {
    const state = given(name)
    return state && reshape(g, state, [1, batch, units])
  }
  const bias = given('bias')
  const one = g.scalar(1, 'int32')
  const inputs = [
    transpose(g, valid?.steps ?? x, [1, 0, 2]),
    gatesFirst(g, op, input(call, 'kernel')),
    recurrentWeights,
    bias && biases(g, op, bias),
    // Of a sequence without any step the first is computed, and not used.
    valid && g.op('Max', [valid.length, one]),
    first('state'),
    ...(op === 'LSTM' ? [first('cell')] : []),
  ]
  const [all, last, cell] = g.ops(op, trimmed(inputs), { hidden_size: units, activations })
  const flat = (state: Value) => reshape(g, state, [batch, units])
  const start = (name: string): Value => given(name) ?? expand(g, g.scalar(0, 'float32'), [batch, units])
  if (part !== 'sequence') {
    const end = flat(part === 'cell' ? cell : last)
    if (!valid) return end
    const none = g.op('Less', [reshape(g, valid.length, [batch, 1]), one])
    return g.op('Where', [none, start(part === 'cell' ? 'cell' : 'state'), end])
  }
  const sequence = transpose(g, reshape(g, all, [time, batch, units]), [1, 0, 2])
  if (!valid) return sequence
  const before = reshape(g, start('state'), [batch, 1, units])
  return takenAlongTime(g, g.op('Concat', [before, sequence], { axis: 1 }), valid.counted)
}

/** Without the optional inputs that are left out at the end. */
function trimmed(inputs: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  const end = inputs.findLastIndex((value) => value !== undefined)
  return inputs.slice(0, end + 1)
}
