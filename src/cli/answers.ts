// What a model says about every structure in the files of a command line, in their order. A file that cannot be read,
// or a crystal that the model refuses, is an answer too, with its error; the rest goes on.

import { answered } from '../../runtimes/answered.ts'
import type { Outcome } from '../../runtimes/predict.ts'
import type { Structure } from '../crystal/structure.ts'
import { type Input, readInputs } from './inputs.ts'
import type { Output } from './output.ts'

/** Where a structure came from. */
export interface Place {
  readonly file: string
  readonly index: number
  /** missing where there is no structure */
  readonly formula?: string
}

/** What the model says of one structure, or why it says nothing. */
export type Answer<T> =
  | { readonly place: Place; readonly structure: Structure; readonly result: T; readonly error?: undefined }
  | {
      readonly place: Place
      readonly structure?: undefined
      readonly result?: undefined
      readonly error: unknown
    }

/**
 * Reads ahead of the model, file by file. Warnings go to `output`; lines and failures are the caller's to print.
 * @param ask such as model.predictMany
 */
export async function* answers<T>(
  files: readonly string[],
  output: Output,
  ask: (structures: AsyncIterable<Structure>) => AsyncIterable<Outcome<T>>,
): AsyncGenerator<Answer<T>> {
  const { formula } = await import('../crystal/formula.ts')
  async function* inputs(): AsyncGenerator<Input & { readonly place: Place }> {
    for await (const input of readInputs(files)) {
      const { file, index, structure, warnings } = input
      for (const warning of warnings) output.warn(`${file}: ${warning}`)
      yield { ...input, place: { file, index, ...(structure && { formula: formula(structure) }) } }
    }
  }
  for await (const { input, result, error } of answered(inputs(), ask)) {
    const { place, structure } = input
    if (result === undefined) yield { place, error }
    else yield { place, structure: structure!, result }
  }
}
