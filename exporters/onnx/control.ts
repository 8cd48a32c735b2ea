// Branches and loops over values, as steps of a recording that hold functions: each of those becomes a graph of its own inside
// the file. Outside of a recording they simply run.

import * as tf from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'
import { type Recording, recording } from '../../src/scope.ts'
import type { InnerFunction, RecordedStep } from './composite.ts'
import { If, Loop } from './lower/control.ts'
import { describeTypes } from './values.ts'

/** Turns of a loop that cannot be one operator, and are written down one after the other. */
const MOST_TURNS = 1000

/** Tensors of `then` or `otherwise`, by a scalar. @throws ExportError where they do not give the same types and sizes */
export function branch(
  condition: tf.Tensor,
  then: InnerFunction,
  otherwise: InnerFunction,
  args: readonly tf.Tensor[],
): tf.Tensor[] {
  const session = recording()
  if (!session?.depends(condition)) return isTrue(condition) ? then(args) : otherwise(args)
  const [like, other] = [then, otherwise].map((inner) => unwritten(session, inner, args))
  if (describeTypes(like) !== describeTypes(other)) {
    throw new ExportError(
      `one branch gives ${describeTypes(like)}, the other ${describeTypes(other)}; both must give the same`,
    )
  }
  const step: RecordedStep = { name: 'If', lower: If, graphs: { then_branch: then, else_branch: otherwise } }
  return session.nesting(step, [toBool(condition), ...args], like) as tf.Tensor[]
}

/**
 * `body` of `args`, again and again while `condition` holds of them. Where types and sizes stay what they are it is one
 * operator; else its turns are written down one by one, if what is known without inputs says how many there are.
 * @throws ExportError where it is neither
 */
export function loop(condition: InnerFunction, body: InnerFunction, args: readonly tf.Tensor[]): tf.Tensor[] {
  const session = recording()
  const fault = session && faultAsOne(session, condition, body, args)
  if (session && !fault) {
    const place = [...session.path]
    const [first] = condition(args)
    session.path.splice(0, session.path.length, ...place)
    const turn: InnerFunction = (state) => {
      const next = body(state)
      return [toBool(condition(next)[0]), ...next]
    }
    const step: RecordedStep = { name: 'Loop', lower: Loop, graphs: { body: turn } }
    return session.nesting(step, [toBool(first), ...args], args) as tf.Tensor[]
  }
  let state = [...args]
  for (let turns = 0; ; turns++) {
    const [again] = condition(state)
    if (session?.depends(again)) {
      throw new ExportError(`how often it loops depends on values, and it cannot be one operator: ${fault}`)
    }
    if (!isTrue(again)) return state
    if (session && turns === MOST_TURNS) {
      throw new ExportError(`it loops more than ${MOST_TURNS} times, and cannot be one operator: ${fault}`)
    }
    state = body(state)
  }
}

/** Why a loop cannot be one operator; undefined where it can. */
function faultAsOne(
  session: Recording,
  condition: InnerFunction,
  body: InnerFunction,
  args: readonly tf.Tensor[],
): string | undefined {
  try {
    const next = unwritten(session, body, args)
    unwritten(session, condition, args)
    const [before, after] = [describeTypes(args), describeTypes(next)]
    return before === after ? undefined : `a turn makes ${after} of ${before}`
  } catch (cause) {
    return (cause as Error).message
  }
}

const unwritten = (session: Recording, inner: InnerFunction, like: readonly tf.Tensor[]) =>
  session.unwritten(inner as (args: readonly unknown[]) => unknown, like) as tf.Tensor[]

const isTrue = (condition: tf.Tensor): boolean => Boolean(condition.dataSync()[0])

const toBool = (condition: tf.Tensor): tf.Tensor => tf.reshape(tf.cast(condition, 'bool'), [])
