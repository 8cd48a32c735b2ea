// What crosses between an evaluator behind messages (hosted.ts) and the program that has it (serve.ts): calls with
// numbers, and their answers.

import type { Structure } from '../src/crystal/structure.ts'
import type { Attention } from './attention.ts'
import type { EvaluateOptions, Evaluator } from './evaluator.ts'
import type { SentError, SentResult } from './sent.ts'

/** A call of the evaluator; `stop` is the signal of the evaluation with the same id. */
export type Request = { readonly id: number } & (
  | {
      readonly method: 'evaluate'
      readonly crystals: readonly Structure[]
      readonly outputs: readonly string[]
      readonly options: Omit<EvaluateOptions, 'signal' | 'onStage'>
    }
  | { readonly method: 'attention'; readonly crystal: Structure }
  | { readonly method: 'stop' | 'release' }
)

/** The answer to a call. */
export interface Answer {
  readonly results?: readonly SentResult[]
  readonly attention?: Attention
  readonly error?: SentError
}

/** The answer to the request of the same id; id 0 says that the evaluator is open, and which, or why not. */
export interface Reply extends Answer {
  readonly id: number
  readonly opened?: Pick<Evaluator, 'engine' | 'note'>
}
