// Nodes as ONNX wants them. The graph under construction has one form for each operator; this is where targets of
// reshapes, bounds of slices and axes of reductions become the inputs and attributes of the operator set in use.

import { TO_THE_END } from '../operators/shape.ts'
import { equal, type Shape, type Size, subtract } from '../sizes.ts'
import type { Attributes, Node, Value } from '../values.ts'
import { planReshape } from './reshape-plan.ts'

export interface Written {
  readonly op: string
  /** A list is a vector of sizes. */
  readonly given: readonly (Value | undefined | Shape)[]
  readonly attrs: Attributes
}

/** Reductions whose axes are an input in this operator set. */
const axesAreInput = (op: string, opset: number) =>
  op === 'ReduceSum' || (op.startsWith('Reduce') && opset >= 18)

export function written(node: Node, opset: number): Written {
  const { op, inputs, attrs } = node
  if (op === 'Reshape') {
    const plan = planReshape(inputs[0]!.shape, node.outputs[0].shape)
    return { op: plan.op, given: [inputs[0], plan.op === 'Reshape' ? plan.target : plan.axes], attrs: {} }
  }
  if (op === 'Expand') {
    return { op, given: [inputs[0], expansion(inputs[0]!.shape, node.outputs[0].shape)], attrs }
  }
  // Its branches read the rest by name.
  if (op === 'If') return { op, given: [inputs[0]], attrs }
  if (op === 'Slice') return { op, given: slicing(node), attrs }
  if (axesAreInput(op, opset)) {
    const { axes, ...rest } = attrs
    return { op, given: [inputs[0], axes as number[]], attrs: rest }
  }
  return { op, given: inputs, attrs }
}

/** Expand keeps the larger size, so 1 stands for every axis that is there already. */
function expansion(from: Shape, to: Shape): Shape {
  const before = to.length - from.length
  return to.map((size, axis) => (axis >= before && equal(size, from[axis - before]) ? 1 : size))
}

/** Bounds relative to the end of an axis need not be computed. */
function slicing({ inputs }: Node): readonly (Value | Shape)[] {
  const [x, starts, ends, axes, steps] = inputs.map((value) => value!)
  const along = vectorOf(axes).map((axis) => x.shape[axis as number])
  return [
    x,
    vectorOf(starts).map((start, i) => relative(start, along[i])),
    vectorOf(ends).map((end, i) => (equal(end, along[i]) ? TO_THE_END : relative(end, along[i]))),
    axes,
    steps,
  ]
}

const vectorOf = ({ source }: Value): Shape => (source.kind === 'sizes' ? source.sizes : [])

function relative(bound: Size, size: Size): Size {
  const fromEnd = subtract(bound, size)
  return typeof bound !== 'number' && typeof fromEnd === 'number' && fromEnd < 0 ? fromEnd : bound
}
