// tf.einsum of one or two tensors, as transposes, reshapes and one matrix product: faster than ONNX's Einsum, and every
// provider runs it.

import { ExportError } from '../../../src/errors.ts'
import { reshape, transpose } from '../build.ts'
import type { Builder } from '../builder.ts'
import { type Size, volume } from '../sizes.ts'
import type { Value } from '../values.ts'
import { inputList, type Lowering, text } from './lowering.ts'

/** A tensor whose axes have letters. */
interface Lettered {
  readonly value: Value
  readonly letters: readonly string[]
}

export const Einsum: Lowering = (g, call) => {
  const [left, right] = text(call, 'equation').replaceAll(' ', '').split('->')
  const result = [...(right ?? '')]
  const values = inputList(call)
  const operands = left.split(',').map((letters, i) => ({ value: values[i], letters: [...letters] }))
  if (operands.length > 2) throw new ExportError(`Einsum ${left}: at most two tensors`)
  const kept = operands.map((operand, i) =>
    summed(
      g,
      operand,
      (letter) => result.includes(letter) || (operands[1 - i]?.letters.includes(letter) ?? false),
    ),
  )
  const product = kept.length === 1 ? kept[0] : multiplied(g, kept[0], kept[1], result)
  return transpose(g, product.value, positions(product, result))
}

/** Sums over the axes that appear nowhere else. */
function summed(g: Builder, { value, letters }: Lettered, keep: (letter: string) => boolean): Lettered {
  const axes = letters.flatMap((letter, axis) => (keep(letter) ? [] : [axis]))
  if (axes.length === 0) return { value, letters }
  return { value: g.op('ReduceSum', [value], { axes, keepdims: 0 }), letters: letters.filter(keep) }
}

/** [batch, rows, inner] times [batch, inner, columns]. */
function multiplied(g: Builder, a: Lettered, b: Lettered, result: readonly string[]): Lettered {
  const shared = a.letters.filter((letter) => b.letters.includes(letter))
  const batch = shared.filter((letter) => result.includes(letter))
  const inner = shared.filter((letter) => !result.includes(letter))
  const rows = a.letters.filter((letter) => !shared.includes(letter))
  const columns = b.letters.filter((letter) => !shared.includes(letter))
  const size = (letters: readonly string[]): Size[] =>
    letters.map((letter) =>
      a.letters.includes(letter)
        ? a.value.shape[a.letters.indexOf(letter)]
        : b.value.shape[b.letters.indexOf(letter)],
    )
  const matrix = (operand: Lettered, first: readonly string[], second: readonly string[]): Value =>
    reshape(g, transpose(g, operand.value, positions(operand, [...batch, ...first, ...second])), [
      ...size(batch),
      volume(size(first)),
      volume(size(second)),
    ])
  const value = g.op('MatMul', [matrix(a, rows, inner), matrix(b, inner, columns)])
  const letters = [...batch, ...rows, ...columns]
  return { value: reshape(g, value, size(letters)), letters }
}

const positions = ({ letters }: Lettered, order: readonly string[]) =>
  order.map((letter) => letters.indexOf(letter))
