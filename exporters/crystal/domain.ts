// The domain of a finished file, from labelled crystals that it predicts itself: for weights whose training left none.

import type { Card } from '../../runtimes/card.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { EMBEDDING, MEMBERS } from '../../runtimes/outputs.ts'
import { OUTPUT, type Runtime } from '../../runtimes/runtime.ts'
import { apartOf } from '../../runtimes/trust.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { FEWEST_HELD_OUT, fitDomain, type Sample } from '../../src/domain/fit.ts'
import type { Domain } from '../../src/domain/section.ts'
import { CrystalOnnxError, ExportError } from '../../src/errors.ts'
import type { OpenFile } from './opening.ts'

/** A crystal with what is known of it. */
export interface LabelledSample {
  /** the crystal */
  readonly structure: Structure
  /** one a target of the model, in its unit; null where it is not known, which some are, but not all */
  readonly values: readonly (number | null)[]
}

/** What a domain is fitted to. */
export interface DomainData {
  /** that the network learned from */
  readonly learned: readonly LabelledSample[]
  /** of the same kind, that it did not learn from */
  readonly heldOut: readonly LabelledSample[]
}

/** Crystals that are predicted before progress is told. */
const WINDOW = 512

/** @throws ExportError for data of which too little can be predicted */
export async function domainFromFile(
  bytes: Uint8Array,
  { learned, heldOut }: DomainData,
  open: OpenFile,
  onProgress?: (stage: string, done: number, total: number) => void,
): Promise<Domain> {
  const { card, inputs, outputs } = readModelFile(bytes, 'exported model')
  const runtime = await open({ bytes, card, inputs, outputs }, { engine: 'auto', parallel: true })
  const asked = [OUTPUT, ...[EMBEDDING, MEMBERS].filter((name) => outputs.includes(name))]
  const total = learned.length + heldOut.length
  let done = 0
  const predicted = async (samples: readonly LabelledSample[]): Promise<Sample[]> => {
    const found: Sample[] = []
    for (let from = 0; from < samples.length; from += WINDOW) {
      found.push(...(await predictedBy(runtime, card, asked, samples.slice(from, from + WINDOW))))
      done += Math.min(WINDOW, samples.length - from)
      onProgress?.('domain', done, total)
    }
    return found
  }
  try {
    const domain = fitDomain({
      targets: card.targets,
      learned: await predicted(learned),
      heldOut: await predicted(heldOut),
    })
    if (domain) return domain
    throw new ExportError(
      `a domain needs ${FEWEST_HELD_OUT} crystals that were not learned from, and some that were; the data has ` +
        `${heldOut.length} and ${learned.length} that can be predicted`,
    )
  } finally {
    await runtime.dispose()
  }
}

/** Without those that cannot be predicted. */
async function predictedBy(
  runtime: Runtime,
  { targets }: Card,
  asked: readonly string[],
  samples: readonly LabelledSample[],
): Promise<Sample[]> {
  const results = await runtime.evaluate(
    samples.map(({ structure }) => structure),
    asked,
  )
  return results.flatMap((result, n) => {
    if (result instanceof CrystalOnnxError) return []
    const { structure, values } = samples[n]
    return [
      {
        structure,
        embedding: result.rows[EMBEDDING]?.slice(),
        actual: values,
        predicted: [...result.rows[OUTPUT]],
        apart: result.rows[MEMBERS] && apartOf(result.rows[MEMBERS], targets).apart,
      },
    ]
  })
}
