// domain.json of a run: what the network has seen and how wrong it was there (src/domain), fitted when training ends and
// put into the card of an exported file. It names the settings and the weights that it belongs to.

import { z } from 'zod'
import { domainFault } from '../domain/check.ts'
import { domainSchema } from '../domain/section.ts'
import { TrainingError } from '../errors.ts'
import { textIfThere, writeWhole } from '../files.ts'
import { checkSeal, sealed } from './seal.ts'

const schema = z.strictObject({
  domain: domainSchema,
  /** hash of the settings, and seal of the weights that it belongs to */
  run: z.string(),
  weights_sha256: z.string(),
  sha256: z.string(),
})

/** The domain of a run, and what it belongs to. */
export type RunDomain = Omit<z.output<typeof schema>, 'sha256'>

export async function writeRunDomain(path: string, domain: RunDomain): Promise<void> {
  await writeWhole(path, JSON.stringify(sealed(domain)))
}

/** Undefined when there is none. @throws TrainingError for one that was changed, or is no domain. */
export async function findRunDomain(path: string): Promise<RunDomain | undefined> {
  const text = await textIfThere(path)
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new TrainingError(
      `${path} is not JSON; restore it, or delete it: the export then knows no domain`,
      {
        cause,
      },
    )
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    throw new TrainingError(`${path}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  }
  checkSeal(path, value)
  const { sha256: _, ...found } = parsed.data
  const fault = domainFault(found.domain, found.domain.targets.length)
  if (fault !== undefined) throw new TrainingError(`${path}: ${fault}; restore it, or delete it`)
  return found
}
