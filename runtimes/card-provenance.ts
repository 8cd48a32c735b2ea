// What a model was made of and what may be done with it, as its author says: a section of the card for people.

import { en } from 'zod/locales'
import * as z from 'zod/mini'

/** What a model was made of, and what may be done with it; none of it is checked. */
export interface Provenance {
  /** of the model file, such as `CC BY 4.0` */
  readonly licence?: string
  /** data that it learned from */
  readonly data?: readonly Origin[]
  /** programs or networks whose answers it learned from */
  readonly teachers?: readonly Origin[]
  /** what its users should know */
  readonly notes?: readonly string[]
}

/** Whose work went into a model. */
export interface Origin {
  /** with its version */
  readonly name: string
  /** under which it may be used */
  readonly licence?: string
  /** an address, or a publication to cite */
  readonly source?: string
}

const text = z.string().check(z.minLength(1), z.maxLength(1000))
const few = <T extends z.core.$ZodType>(item: T) => z.optional(z.array(item).check(z.maxLength(32)))
const origin = z.strictObject({ name: text, licence: z.optional(text), source: z.optional(text) })

/** Of the section. */
export const provenanceSchema = z.strictObject({
  licence: z.optional(text),
  data: few(origin),
  teachers: few(origin),
  notes: few(text),
}) satisfies z.ZodMiniType<Provenance>

/** What is wrong with something that should be such a section; undefined for nothing. */
export function provenanceFault(given: unknown): string | undefined {
  const { error } = provenanceSchema.safeParse(given, { error: en().localeError })
  return error && z.prettifyError(error).replaceAll('\n', ' ')
}
