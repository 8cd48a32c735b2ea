// Graphs inside a node as the file holds them: with names that nothing outside has. A graph is made with inputs; a branch has
// none, and reads what it needs by its name outside.

import type { Attribute, Attributes } from '../values.ts'
import { type FileGraph, type FileNode, type FileTensor, nestedGraph } from './graph.ts'

/**
 * @param label the name of the node
 * @param names outside, of the inputs of the graphs inside
 */
export function withNested(
  op: string,
  attrs: Attributes,
  label: string,
  names: readonly string[],
): Attributes {
  return mapped(attrs, (graph, key) => {
    const own = (name: string) => `${label}/${key}/${name}`
    if (op === 'Loop') return withTurns(renamed(graph, own), own)
    const outside = new Map(graph.inputs.map(({ name }) => [name, names[Number(name.slice(1))]]))
    return { ...renamed(graph, (name) => outside.get(name) ?? own(name)), inputs: [] }
  })
}

/** The body of a loop is given the number of the turn and the condition, too. */
const withTurns = (graph: FileGraph, own: (name: string) => string): FileGraph => ({
  ...graph,
  inputs: [
    { name: own('turn'), dtype: 'int64', shape: [] },
    { name: own('condition'), dtype: 'bool', shape: [] },
    ...graph.inputs,
  ],
})

function renamed(graph: FileGraph, rename: (name: string) => string): FileGraph {
  const other = (name: string) => (name === '' ? '' : rename(name))
  const named = <T extends { readonly name: string }>(thing: T): T => ({ ...thing, name: rename(thing.name) })
  return {
    name: graph.name,
    nodes: graph.nodes.map(
      (node): FileNode => ({
        ...named(node),
        inputs: node.inputs.map(other),
        outputs: node.outputs.map(other),
        attrs: mapped(node.attrs, (inner) => renamed(inner, rename)),
      }),
    ),
    initializers: graph.initializers.map((tensor): FileTensor => named(tensor)),
    inputs: graph.inputs.map(named),
    outputs: graph.outputs.map(named),
  }
}

function mapped(attrs: Attributes, change: (graph: FileGraph, key: string) => FileGraph): Attributes {
  const changed = Object.entries(attrs).map(([key, value]): [string, Attribute] => {
    const graph = nestedGraph(value)
    return [key, graph ? { graph: change(graph, key) } : value]
  })
  return Object.fromEntries(changed)
}
