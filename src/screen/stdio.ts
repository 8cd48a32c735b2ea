// The protocol of a worker that an engine starts (Ray, a queue, a pool of one's own): JSON lines in, JSON lines out, in the same
// order. {"id", "structure"} is one crystal and {"id", "structures": […]} a batch; a structure is anything that the readers take:
// an object, or the text of a file. A line that cannot be used has an answer too, and the worker lives on.

import { createInterface } from 'node:readline'
import { answered } from '../../runtimes/answered.ts'
import type { Model } from '../../runtimes/model.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import type { Structure } from '../crystal/structure.ts'
import { structureOfText } from '../data/formats/fields.ts'
import { CrystalOnnxError, ParseError, StructureError } from '../errors.ts'

interface Place {
  readonly id: unknown
  /** Crystals of its line; undefined for one that is no batch. */
  readonly batch: number | undefined
}

interface Question {
  readonly place: Place
  readonly structure?: Structure
  readonly error?: CrystalOnnxError
}

export type Answer = Readonly<Record<string, unknown>>

/** Crystals that are asked about at once, at most, while lines are there already. */
const TOGETHER = 512

/** The answers to the lines of a stream: a line each. Lines that are there at once are predicted together. */
export async function* answerLines(
  model: Model,
  input: NodeJS.ReadableStream,
  level: number,
): AsyncGenerator<Answer> {
  for await (const lines of readyLines(input)) {
    const questions = lines.flatMap(questionsOf)
    const asked = answered(questions, (structures) => model.predictMany(structures, { level }))
    let batch: Answer[] = []
    for await (const { input: question, result, error } of asked) {
      const { id, batch: size } = question.place
      const answer = error === undefined ? answerOf(model, result!) : failureOf(error)
      if (size === undefined) yield { id, ...answer }
      else if (size === 0) yield { id, results: [] }
      else {
        batch.push(answer)
        if (batch.length < size) continue
        yield { id, results: batch }
        batch = []
      }
    }
  }
}

/** Lines, as many at a time as are there: nobody who waits for an answer has to send more. */
async function* readyLines(input: NodeJS.ReadableStream): AsyncGenerator<string[]> {
  const waiting: string[] = []
  let ended = false
  let wake = () => {}
  const reader = createInterface({ input })
  reader.on('line', (line) => {
    if (line.trim() !== '') waiting.push(line)
    if (waiting.length >= TOGETHER) reader.pause()
    wake()
  })
  reader.on('close', () => {
    ended = true
    wake()
  })
  for (;;) {
    if (waiting.length > 0) {
      yield waiting.splice(0)
      reader.resume()
    } else if (ended) return
    else await new Promise<void>((resolve) => (wake = resolve))
  }
}

function questionsOf(line: string): Question[] {
  let message: unknown
  try {
    message = JSON.parse(line)
  } catch (error) {
    return [
      {
        place: { id: null, batch: undefined },
        error: new ParseError(`not valid JSON: ${(error as Error).message}`),
      },
    ]
  }
  const { id = null, structure, structures } = (message ?? {}) as Record<string, unknown>
  if (!Array.isArray(structures)) return [{ place: { id, batch: undefined }, ...read(structure) }]
  const place = { id, batch: structures.length }
  // An empty batch has an answer, too.
  if (structures.length === 0) return [{ place, error: nothing() }]
  return structures.map((one) => ({ place, ...read(one) }))
}

function read(value: unknown): Pick<Question, 'structure' | 'error'> {
  try {
    if (typeof value === 'string') return { structure: structureOfText(value) }
    if (typeof value !== 'object' || value === null) throw nothing()
    return { structure: structureOfText(JSON.stringify(value)) }
  } catch (error) {
    if (error instanceof CrystalOnnxError) return { error }
    throw error
  }
}

function nothing(): StructureError {
  return new StructureError('no structure: expected {"id", "structure"} or {"id", "structures": […]}')
}

function answerOf({ deviceReport: _, engine }: Model, prediction: Prediction): Answer {
  const { property, unit, value, values, domain, interval, spread, device } = prediction
  return { property, value, values, unit, domain, interval, ...(spread && { spread }), device, engine }
}

function failureOf(error: unknown): Answer {
  if (!(error instanceof CrystalOnnxError)) throw error
  return { error: { code: error.code, message: error.message } }
}
