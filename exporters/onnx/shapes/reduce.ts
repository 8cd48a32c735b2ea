// Kernels that sum over axes, and products of matrices.

import { backend_util } from '@tensorflow/tfjs-core'
import { list, type ShapeCall, type ShapeRule } from './rule.ts'

/** @param axes the name of the attribute; null stands for all of them */
const reduction =
  (axes: string): ShapeRule =>
  ({ inputs: { x }, attrs }) => {
    const over = attrs[axes] ?? x.shape.map((_, axis) => axis)
    const reduced = [over].flat().map((axis) => ((axis as number) + x.shape.length) % x.shape.length)
    return attrs.keepDims
      ? x.shape.map((size, axis) => (reduced.includes(axis) ? 1 : size))
      : x.shape.filter((_, axis) => !reduced.includes(axis))
  }

const product: ShapeRule = ({ inputs: { a, b }, attrs: { transposeA, transposeB } }) => {
  const [rows, columns] = [a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!]
  return [
    ...backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)),
    rows,
    columns,
  ]
}

/** The size of every letter of the result. */
function einsum({ inputs, attrs: { equation } }: ShapeCall): number[] {
  const [left, right = ''] = String(equation).replaceAll(' ', '').split('->')
  const sizes = new Map<string, number>()
  for (const [i, letters] of left.split(',').entries()) {
    for (const [axis, letter] of [...letters].entries())
      sizes.set(letter, list(Object.values(inputs)[i].shape)[axis])
  }
  return [...right].map((letter) => sizes.get(letter)!)
}

export const reductions: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(
    ['Sum', 'Mean', 'Min', 'Prod', 'All', 'Any', 'ArgMax', 'ArgMin'].map((kernel) => [
      kernel,
      reduction('axis'),
    ]),
  ),
  BatchMatMul: product,
  Max: reduction('reductionIndices'),
  _FusedMatMul: product,
}

export const einsums: Readonly<Record<string, (call: ShapeCall) => number[]>> = { Einsum: einsum }
