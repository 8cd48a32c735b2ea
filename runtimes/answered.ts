// What a model says of what could be read, with what could not in its place: both in the order in which they came.

import type { Structure } from '../src/crystal/structure.ts'
import type { Outcome } from './predict.ts'

/** Something that has a structure, or an error instead. */
export interface Asked {
  readonly structure?: Structure
  readonly error?: unknown
}

/** An input, with the answer to it or the reason why there is none. */
export type Answered<I extends Asked, T> =
  | { readonly input: I; readonly result: T; readonly error?: undefined }
  | { readonly input: I; readonly result?: undefined; readonly error: unknown }

/**
 * Asks about every input that has a structure; inputs are read ahead of the model.
 * @param ask such as model.predictMany
 */
export async function* answered<I extends Asked, T>(
  inputs: AsyncIterable<I> | Iterable<I>,
  ask: (structures: AsyncIterable<Structure>) => AsyncIterable<Outcome<T>>,
): AsyncGenerator<Answered<I, T>> {
  const pending: I[] = []
  async function* structures(): AsyncGenerator<Structure> {
    for await (const input of inputs) {
      pending.push(input)
      if (input.structure) yield input.structure
    }
  }
  function* unreadable(): Generator<Answered<I, T>> {
    while (pending.length > 0 && pending[0].structure === undefined) {
      const input = pending.shift()!
      yield { input, error: input.error }
    }
  }
  for await (const outcome of ask(structures())) {
    yield* unreadable()
    const input = pending.shift()!
    if (outcome.error) yield { input, error: outcome.error }
    else yield { input, result: outcome as T }
  }
  yield* unreadable()
}
