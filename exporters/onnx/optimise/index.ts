// Makes the graph smaller: rules are applied to every node, inputs first, until none applies. Nodes that nothing uses
// fall away, and equal ones are one, because the builder makes a node only once and only outputs are followed.

import type { Builder } from '../builder.ts'
import { type Node, nodesOf, type Value } from '../values.ts'
import { arithmetic } from './arithmetic.ts'
import { broadcast } from './broadcast.ts'
import { convolution } from './convolution.ts'
import { fold } from './fold.ts'
import { layerNorm } from './layer-norm.ts'
import { layout } from './layout.ts'
import { reshape } from './reshape.ts'
import type { Rule } from './rule.ts'
import { sink } from './sink.ts'
import { transpose } from './transpose.ts'

const RULES: readonly Rule[] = [
  fold,
  reshape,
  transpose,
  arithmetic,
  layerNorm,
  convolution,
  layout,
  broadcast,
  sink,
]
/** Every pass shortens the graph; this is far above what any needs. */
const MAX_PASSES = 50

/** The outputs of an equivalent graph, by name. */
export function optimise(g: Builder, outputs: ReadonlyMap<string, Value>): Map<string, Value> {
  let current = new Map(outputs)
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const next = rewrite(g, current)
    if ([...next].every(([name, value]) => value === current.get(name))) break
    current = next
  }
  return current
}

function rewrite(g: Builder, outputs: ReadonlyMap<string, Value>): Map<string, Value> {
  const order = nodesOf([...outputs.values()])
  const uses = countUses(order, outputs.values())
  const replaced = new Map<Value, Value>()
  const now = (value: Value): Value =>
    value.source.kind === 'sizes' && value.source.from.length > 0
      ? g.sizes(value.source.sizes)
      : (replaced.get(value) ?? value)
  for (const node of order) {
    const inputs = node.inputs.map((value) => value && now(value))
    const onlyUse = (i: number) => uses.get(node.inputs[i]!) === 1
    const values = g.within(node.scope, () => {
      for (const rule of node.outputs.length === 1 ? RULES : []) {
        const better = rule(g, { node, inputs, onlyUse })
        if (better) return [better]
      }
      return g.again(node, inputs)
    })
    for (const [i, value] of node.outputs.entries()) if (values[i] !== value) replaced.set(value, values[i])
  }
  return new Map([...outputs].map(([name, value]) => [name, now(value)]))
}

function countUses(order: readonly Node[], outputs: Iterable<Value>): Map<Value, number> {
  const uses = new Map<Value, number>()
  for (const value of [...order.flatMap((node) => node.inputs), ...outputs]) {
    if (value) uses.set(value, (uses.get(value) ?? 0) + 1)
  }
  return uses
}
