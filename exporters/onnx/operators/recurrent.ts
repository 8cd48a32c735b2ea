// Recurrent cells over a sequence [time, batch, n], in one direction.

import { expectDtype, type Infer, input, integer, type OperatorCall } from './operator.ts'

const cell =
  (states: number): Infer =>
  (call: OperatorCall) => {
    const x = input(call, 0)
    for (const i of [0, 1, 2]) expectDtype(call, input(call, i), 'float32')
    const [time, batch] = x.shape
    const units = integer(call, 'hidden_size')
    const last = { dtype: x.dtype, shape: [1, batch, units] }
    return [{ dtype: x.dtype, shape: [time, 1, batch, units] }, ...new Array(states).fill(last)]
  }

export const recurrences: Readonly<Record<string, Infer>> = { GRU: cell(1), LSTM: cell(2), RNN: cell(1) }
