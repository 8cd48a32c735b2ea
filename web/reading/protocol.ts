// What the page and its worker say to each other. A call is answered by batches and an end, or by one answer.

import type { Failure } from '../../src/components/failure.ts'
import type { Symmetry } from '../../src/crystal/standardise.ts'
import type { StructureInput } from '../../src/crystal/structure.ts'
import type { Batch } from '../crystals/batch.ts'
import type { Source } from './read.ts'

export type Request = { readonly id: number } & (
  | { readonly method: 'read'; readonly sources: readonly Source[]; readonly room: number }
  | { readonly method: 'symmetry'; readonly structure: StructureInput }
  | { readonly method: 'stop' }
)

export type Reply = { readonly id: number } & (
  | { readonly batch: Batch }
  | { readonly end: true }
  | { readonly symmetry: Symmetry }
  | { readonly failure: Failure }
)
