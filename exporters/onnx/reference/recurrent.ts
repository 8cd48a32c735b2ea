// Recurrent cells over a sequence [time, batch, n], in the order of time.

import { type Call, fault, input, integer, type Operator, optional, texts, wholes } from './call.ts'
import { describe, tensor, zeros } from './tensor.ts'

type Activation = (x: number) => number

const sigmoid: Activation = (x) => 1 / (1 + Math.exp(-x))

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  Affine: (x) => x,
  Elu: (x) => (x < 0 ? Math.expm1(x) : x),
  HardSigmoid: (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
  Relu: (x) => Math.max(x, 0),
  Sigmoid: sigmoid,
  Softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  Softsign: (x) => x / (1 + Math.abs(x)),
  Tanh: Math.tanh,
}

/** One step of one sequence: the new states of those before; `before` is what input and biases give a gate. */
type Step = (cell: Cell, before: (gate: number) => Float64Array, states: Float64Array[]) => Float64Array[]

interface Cell {
  readonly units: number
  readonly activations: readonly Activation[]
  /** Σ state·weights of one gate */
  readonly recurrent: (gate: number, state: Float64Array) => Float64Array
}

const added = (a: Float64Array, b: Float64Array) => a.map((x, n) => x + b[n])

const rnn: Step = ({ activations: [f], recurrent }, before, [h]) => [added(before(0), recurrent(0, h)).map(f)]

/** z, r, h; the reset gate before the product. */
const gru: Step = ({ activations: [f, g], recurrent }, before, [h]) => {
  const [z, r] = [0, 1].map((gate) => added(before(gate), recurrent(gate, h)).map(f))
  const candidate = added(
    before(2),
    recurrent(
      2,
      h.map((x, n) => x * r[n]),
    ),
  ).map(g)
  return [candidate.map((x, n) => (1 - z[n]) * x + z[n] * h[n])]
}

/** i, o, f, c. */
const lstm: Step = ({ activations: [f, g, last], recurrent }, before, [h, c]) => {
  const gate = (n: number, activation: Activation) => added(before(n), recurrent(n, h)).map(activation)
  const [i, o, forget, candidate] = [gate(0, f), gate(1, f), gate(2, f), gate(3, g)]
  const cell = c.map((x, n) => forget[n] * x + i[n] * candidate[n])
  return [cell.map((x, n) => o[n] * last(x)), cell]
}

function activationsOf(call: Call, names: readonly string[]): Activation[] {
  return texts(call, 'activations', names).map((name) => {
    const activation = ACTIVATIONS[name]
    if (activation) return activation
    throw fault(
      call,
      `activation "${name}" is none that the evaluator knows: ${Object.keys(ACTIVATIONS).join(', ')}`,
    )
  })
}

const cells =
  (step: Step, gates: number, states: number, defaults: readonly string[]): Operator =>
  (call) => {
    const [x, w, r] = [0, 1, 2].map((i) => input(call, i, 'float64'))
    const bias = optional(call, 3, 'float64')
    const [time, batch, depth] = x.dims
    const units = integer(call, 'hidden_size')
    if (
      String([w.dims, r.dims]) !==
      String([
        [1, gates * units, depth],
        [1, gates * units, units],
      ])
    ) {
      throw fault(call, `weights ${describe(w)} and ${describe(r)} of ${units} units for ${describe(x)}`)
    }
    const lengths = call.inputs[4] ? wholes(call, 4) : new Array<number>(batch).fill(time)
    const initial = Array.from({ length: states }, (_, s) => optional(call, 5 + s, 'float64')?.data)
    const product = (weights: Float64Array, row: number, values: Float64Array) => {
      let sum = 0
      for (let n = 0; n < values.length; n++) sum += weights[row * values.length + n] * values[n]
      return sum
    }
    const cell: Cell = {
      units,
      activations: activationsOf(call, defaults),
      recurrent: (gate, state) => state.map((_, unit) => product(r.data, gate * units + unit, state)),
    }
    const all = zeros('float64', [time, 1, batch, units])
    const ends = Array.from({ length: states }, () => zeros('float64', [1, batch, units]))
    for (let b = 0; b < batch; b++) {
      const own = b * units
      let current: Float64Array[] = initial.map(
        (data) => data?.slice(own, own + units) ?? new Float64Array(units),
      )
      for (let t = 0; t < lengths[b]; t++) {
        const values = x.data.subarray((t * batch + b) * depth, (t * batch + b + 1) * depth)
        const before = (gate: number) =>
          Float64Array.from({ length: units }, (_, unit) => {
            const row = gate * units + unit
            return product(w.data, row, values) + (bias ? bias.data[row] + bias.data[gates * units + row] : 0)
          })
        current = step(cell, before, current)
        all.set(current[0], (t * batch + b) * units)
      }
      for (const [s, end] of ends.entries()) end.set(current[s], b * units)
    }
    return [
      tensor('float64', [time, 1, batch, units], all),
      ...ends.map((end) => tensor('float64', [1, batch, units], end)),
    ]
  }

export const RNN = cells(rnn, 1, 1, ['Tanh'])
export const GRU = cells(gru, 3, 1, ['Sigmoid', 'Tanh'])
export const LSTM = cells(lstm, 4, 2, ['Sigmoid', 'Tanh', 'Tanh'])
