// exportGraphModel: a tf.GraphModel in, an .onnx file out. Finds inputs, outputs and their names; the rest is exportOnnx.

import type { Tensor } from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'
import { recording } from '../../src/scope.ts'
import { exportOnnx } from './export.ts'
import {
  type GraphExecutor,
  type GraphNode,
  nodesOfModel,
  stepwise,
  type Within,
  withControl,
} from './graph-control.ts'
import { checkNames, inputType } from './model-inputs.ts'
import type { ExportOptions, ExportResult, InputSpec } from './options.ts'
import { FunctionFailed } from './recorder.ts'
import { lastly } from './settled.ts'

/** What tfjs keeps to itself: the nodes, and the bits of weights as they were stored. */
interface Inside {
  readonly executor?: GraphExecutor
  readonly artifacts?: {
    readonly weightSpecs?: readonly { readonly quantization?: { readonly dtype: string } }[]
  }
}

const inside = (model: GraphModelLike): Inside => model as unknown as Inside

/** What the exporter takes of a `tf.GraphModel`. */
export interface GraphModelLike {
  /** of the model, in order; null or −1 for a size that it leaves open */
  readonly inputs: readonly {
    /** of its node */
    readonly name: string
    /** undefined where the model does not say it */
    readonly shape?: readonly (number | null)[]
    /** such as `float32` */
    readonly dtype: string
  }[]
  /** names of inputs: those of the signature where there is one */
  readonly inputNodes: readonly string[]
  /** the same of outputs */
  readonly outputNodes: readonly string[]
  /** runs the graph; reads no values unless it has control flow */
  execute(inputs: Record<string, Tensor>, outputs: string[]): Tensor | Tensor[]
  /** the same, step by step: for loops of the older form, and lists of tensors */
  executeAsync(inputs: Record<string, Tensor>, outputs: string[]): Promise<Tensor | Tensor[]>
}

/** As for a function; the names of the outputs are those of the signature, or of the nodes. */
export interface GraphExportOptions extends Omit<ExportOptions, 'outputs'> {
  /** Other shapes or types than the model's own, by input name: to name or to fix the sizes that it leaves open. */
  readonly inputs?: Readonly<Record<string, Partial<InputSpec>>>
}

/**
 * Exports a graph model. The batch size is symbolic, `batch`, where the model leaves it open and can do with any; other
 * open sizes are named `<input>_<axis>`. Weights that are stored in float16 stay so.
 * @throws ExportError naming the node of what cannot be exported
 */
export async function exportGraphModel(
  model: GraphModelLike,
  options: GraphExportOptions = {},
): Promise<ExportResult> {
  const names = model.inputNodes.map(plain)
  checkNames(names, options.inputs)
  const specs = model.inputs.map((input, i): [string, InputSpec] => {
    const given = options.inputs?.[names[i]]
    const shape = given?.shape ?? openShape(names[i], input.shape)
    return [names[i], { dtype: inputType(names[i], input.dtype), ...given, shape }]
  })
  const { executor } = inside(model)
  const controlled: Within = executor ? await withControl(executor) : (run) => run()
  const waits = executor && stepwise(executor)
  const run = (inputs: Record<string, Tensor>) => {
    const feeds = Object.fromEntries(model.inputNodes.map((name, i) => [name, inputs[names[i]]]))
    const outputs = [...model.outputNodes]
    return controlled(() =>
      inNodes(model, () => (waits ? model.executeAsync(feeds, outputs) : model.execute(feeds, outputs))),
    )
  }
  const halved = inside(model).artifacts?.weightSpecs?.some((spec) => spec.quantization?.dtype === 'float16')
  const all: ExportOptions = {
    unusedInputs: 'drop',
    ...(halved && { packing: 'float16' }),
    ...options,
    outputs: model.outputNodes.map(plain),
  }
  try {
    return await exportOnnx(run, Object.fromEntries(specs), all)
  } catch (error) {
    // Turns of a loop along the batch are as many as there are: with one, it is one turn.
    const perhaps = error instanceof FunctionFailed || (waits && error instanceof ExportError)
    const fixed = perhaps && !options.inputs ? withBatch(specs, 1) : undefined
    if (!fixed) throw error
    // Many models hold the batch that they were saved with in a reshape.
    const result = await exportOnnx(run, fixed, all).catch(() => undefined)
    if (!result) throw error
    return {
      ...result,
      notes: [...result.notes, `the model takes a batch of 1 only: ${(error as Error).message}`],
    }
  }
}

/** `input:0` is the first output of the node `input`. */
const plain = (name: string): string => name.replace(/:0$/, '')

function openShape(name: string, shape: readonly (number | null)[] | undefined): (number | string)[] {
  if (shape === undefined) {
    throw new ExportError(
      `input "${name}" has no shape in the model: give it one, such as --inputs ${name}:N,224,224,3`,
    )
  }
  return shape.map((size, axis) =>
    size === null || size < 0 ? (axis === 0 ? 'batch' : `${name.replace(/\W/g, '_')}_${axis}`) : size,
  )
}

/** The inputs with that batch size, if it is open. */
function withBatch(
  specs: readonly [string, InputSpec][],
  batch: number,
): Record<string, InputSpec> | undefined {
  if (!specs.some(([, { shape }]) => shape[0] === 'batch')) return undefined
  return Object.fromEntries(
    specs.map(([name, spec]) => [
      name,
      { ...spec, shape: spec.shape.map((size) => (size === 'batch' ? batch : size)) },
    ]),
  )
}

/** What tfjs says of a node that it cannot run at once. */
const DYNAMIC = /contains the node '([^']+)', which has the dynamic op '([^']+)'/

/**
 * Names what is recorded, and an error, after the node that is executed. tfjs has no hook for that, but asks each node
 * for its category just before.
 */
function inNodes<T>(model: GraphModelLike, run: () => T | Promise<T>): T | Promise<T> {
  const { executor } = inside(model)
  const nodes = executor ? nodesOfModel(executor) : []
  const path = recording()?.path ?? []
  let current: GraphNode | undefined
  const kept = nodes.map((node) => ({ node, category: node.category }))
  for (const { node, category } of kept) {
    Object.defineProperty(node, 'category', {
      configurable: true,
      enumerable: true,
      get() {
        current = node
        path.splice(0, path.length, node.name)
        return category
      },
    })
  }
  const explained = (cause: unknown): unknown => {
    if (cause instanceof ExportError) {
      const said = cause.message.startsWith('node ') || !current
      return said
        ? cause
        : new ExportError(`node "${current!.name}" (${current!.op}): ${cause.message}`, { cause })
    }
    const [, node, op] = DYNAMIC.exec((cause as Error).message) ?? []
    if (node !== undefined) {
      return new ExportError(
        `node "${node}" (${op}): what it does depends on values, and tfjs only runs it by executeAsync; loops, branches and ` +
          'sizes of that kind cannot be exported. Convert the model without it, and do in JavaScript what follows',
        { cause },
      )
    }
    if (!current) return cause
    return new Error(`node "${current.name}" (${current.op}): ${(cause as Error).message}`, { cause })
  }
  const restore = () => {
    path.length = 0
    for (const { node, category } of kept) {
      Object.defineProperty(node, 'category', {
        configurable: true,
        enumerable: true,
        writable: true,
        value: category,
      })
    }
  }
  const fail = (cause: unknown): never => {
    throw explained(cause)
  }
  return lastly(() => {
    try {
      const result = run()
      return result instanceof Promise ? result.catch(fail) : result
    } catch (cause) {
      return fail(cause)
    }
  }, restore)
}
