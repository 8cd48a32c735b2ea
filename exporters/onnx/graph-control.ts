// What a graph model does by values: branches and loops, as control.ts has them, and nodes whose sizes values tell, as
// graph-dynamic.ts has them. tfjs runs these nodes only where it may wait for values. While it runs they are nodes of a kind
// of our own, with the functions of the model in them.

import type { Tensor } from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'
import { recording } from '../../src/scope.ts'
import type { InnerFunction } from './composite.ts'
import { branch, loop } from './control.ts'
import { DYNAMIC, type NodeAttributes } from './graph-dynamic.ts'
import { lastly } from './settled.ts'

/** A node of the graph that tfjs executes. */
export interface GraphNode {
  readonly name: string
  op: string
  category: string
}

/** What tfjs keeps of a graph, or of a function in its library. */
export interface GraphExecutor {
  readonly graph?: { readonly nodes?: Readonly<Record<string, GraphNode>> }
  /** Of the whole model. */
  readonly functionExecutorMap?: Readonly<Record<string, GraphExecutor>>
  readonly inputs: readonly { readonly name: string }[]
  readonly outputNodes: string[]
  execute(inputs: Record<string, Tensor>, outputs: string[]): Tensor[]
}

/** What tfjs gives to an operation that is registered with it. */
interface Executed {
  readonly node: {
    readonly name: string
    readonly rawAttrs: NodeAttributes
  }
  readonly inputs: Tensor[]
  readonly context: { readonly functionMap: Readonly<Record<string, GraphExecutor>> }
}

const PREFIX = 'crystal-onnx.'
type Operation = (
  inputs: Tensor[],
  attrs: NodeAttributes,
  of: (attribute: string) => InnerFunction,
) => Tensor[]
const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...DYNAMIC,
  If: ([condition, ...args], _, of) => branch(condition, of('then_branch'), of('else_branch'), args),
  While: (args, _, of) => loop(of('cond'), of('body'), args),
}
const stateful = (op: string): string => op.replace(/^Stateless/, '')

/** What is done while a model is prepared; it may wait. */
export type Within = <T>(run: () => T) => T

/** Loops of the older form, whose turns tfjs takes one by one, and lists of tensors: it waits for each. */
const STEPWISE = /^(Switch|Merge|Enter|Exit|NextIteration|LoopCond|Tensor(List|Array)\w+|EmptyTensorList)$/

/** A node for which tfjs must take the graph step by step, if there is one. */
export const stepwise = ({ graph }: GraphExecutor): GraphNode | undefined =>
  Object.values(graph?.nodes ?? {}).find(({ op }) => STEPWISE.test(op))

/** The nodes of the graph and of its functions. */
export const nodesOfModel = ({ graph, functionExecutorMap = {} }: GraphExecutor): GraphNode[] =>
  [graph, ...Object.values(functionExecutorMap).map((inner) => inner.graph)].flatMap((each) =>
    Object.values(each?.nodes ?? {}),
  )

/** What is done while the branches and loops of a model are ours: `run`. */
export async function withControl(executor: GraphExecutor): Promise<Within> {
  const nodes = nodesOfModel(executor).filter(({ op }) => Object.hasOwn(OPERATIONS, stateful(op)))
  if (nodes.length === 0) return (run) => run()
  const { registerOp } = await import('@tensorflow/tfjs')
  let active = false
  const ours: Within = (run) => {
    if (active) return run()
    active = true
    const kept = nodes.map(({ op, category }) => ({ op, category }))
    for (const node of nodes) Object.assign(node, { op: PREFIX + stateful(node.op), category: 'custom' })
    return lastly(run, () => {
      for (const [i, node] of nodes.entries()) Object.assign(node, kept[i])
      active = false
    }) as ReturnType<typeof run>
  }
  for (const [op, operation] of Object.entries(OPERATIONS)) {
    registerOp(PREFIX + op, (executed) => {
      const { node, inputs, context } = executed as unknown as Executed
      return named(node.name, op, () =>
        operation(inputs, node.rawAttrs, (attribute) =>
          functionOf(context.functionMap[node.rawAttrs[attribute].func!.name], ours),
        ),
      )
    })
  }
  return ours
}

/** A function of the model. It runs once more when it is made a graph, after the model itself. */
function functionOf(inner: GraphExecutor, ours: Within): InnerFunction {
  return (args) => {
    const step = stepwise(inner)
    if (step) {
      throw new ExportError(
        `"${step.name}" (${step.op}) is in a function of the model: lists of tensors, and loops of the older form, are exported ` +
          'where the graph itself holds them, and their turns follow from sizes',
      )
    }
    const feeds = Object.fromEntries(inner.inputs.map(({ name }, i) => [name, args[i]]))
    return ours(() => inner.execute(feeds, inner.outputNodes))
  }
}

/** Steps, and what goes wrong, have the name of the node. */
function named<T>(name: string, op: string, run: () => T): T {
  const path = recording()?.path
  path?.splice(0, path.length, name)
  try {
    return run()
  } catch (cause) {
    if (!(cause instanceof ExportError) || cause.message.startsWith('node ')) throw cause
    throw new ExportError(`node "${name}" (${op}): ${cause.message}`, { cause })
  } finally {
    path?.splice(0, path.length, name)
  }
}
