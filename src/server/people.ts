// `POST /predict` for people and scripts: structure files in, what `predict --json` says of each structure out.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Model } from '../../runtimes/model.ts'
import { readEntries, standInsRefused } from '../crystal/read.ts'
import type { Structure } from '../crystal/structure.ts'
import { type CrystalOnnxError, RequestError } from '../errors.ts'
import { askedBy, bodyOf } from './asked.ts'
import { statusOf } from './failure.ts'
import { type Caller, levelOf } from './infer.ts'
import { checkCount, formatOf } from './inputs.ts'
import { plain } from './log.ts'
import { PREDICT } from './schemas.ts'
import type { Limits, Service } from './service.ts'

/** A structure of a file, or why there is none. */
interface Input {
  readonly file: string
  readonly index: number
  readonly warnings: readonly string[]
  readonly structure?: Structure
  readonly error?: CrystalOnnxError
}

/** A file as it came. */
interface File {
  readonly name?: string
  readonly bytes: Uint8Array
}

export function peopleRoutes(app: FastifyInstance, service: Service): void {
  const { limits } = service
  app.post(
    '/predict',
    { schema: PREDICT, onRequest: async () => service.refuseOverload() },
    async (request, reply) => {
      const query = textsOf(request.query)
      const inputs = (await filesOf(request, query.file)).flatMap((file) =>
        inputsOf(file, query.format, limits),
      )
      checkCount(inputs.length, limits)
      const asked = askedBy(request, reply, query.model)
      const rows = await service.work('http', asked, (model, caller) => rowsOf(model, inputs, query, caller))
      return answer(rows, reply)
    },
  )
}

function textsOf(query: unknown): Readonly<Record<string, string | undefined>> {
  const entries = Object.entries(query as object).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(entries)
}

/** Those of a form, or the body. @throws RequestError for a form without any */
async function filesOf(request: FastifyRequest, name: string | undefined): Promise<File[]> {
  if (!request.isMultipart()) return [{ name, bytes: bodyOf(request) }]
  const files: File[] = []
  for await (const part of request.files()) {
    const { filename } = part
    files.push({ name: filename === '' ? undefined : filename, bytes: await part.toBuffer() })
  }
  if (files.length > 0) return files
  throw new RequestError('a form without files: expected some, as in curl -F file=@NaCl.cif')
}

function inputsOf({ name, bytes }: File, format: string | undefined, limits: Limits): Input[] {
  const file = name === undefined ? 'body' : plain(name)
  const inputs: Input[] = []
  const options = { file: name && file, format: formatOf(format), maxSites: limits.maxCrystalAtoms }
  for (const entry of readEntries(bytes, options)) {
    const { index, warnings } = entry
    const error = 'error' in entry ? entry.error : standInsRefused(entry, file)
    inputs.push({ file, index, warnings, ...('error' in entry ? {} : { structure: entry.structure }), error })
    // The count is an error anyway: the rest need not be read.
    if (inputs.length > limits.maxClientBatch) break
  }
  return inputs
}

async function rowsOf(
  model: Model,
  inputs: readonly Input[],
  query: Readonly<Record<string, string | undefined>>,
  caller: Caller,
): Promise<object[]> {
  const good = inputs.filter(({ error }) => !error)
  const options = {
    level: levelOf(query.level),
    embedding: /^(1|true)$/.test(query.embedding ?? ''),
    ...caller,
  }
  const rows = new Map<Input, object>()
  for (const input of inputs) if (input.error) rows.set(input, failed(input, input.error))
  const structures = good.map(({ structure }) => structure!)
  for await (const outcome of model.predictMany(structures, options)) {
    const input = good[outcome.index]
    rows.set(input, outcome.error ? failed(input, outcome.error) : predicted(model, input, outcome))
  }
  return inputs.map((input) => rows.get(input)!)
}

function failed({ file, index }: Input, error: CrystalOnnxError) {
  return { file, index, error: { code: error.code, message: error.message } }
}

type Predicted = Extract<
  ReturnType<Model['predictMany']> extends AsyncGenerator<infer T> ? T : never,
  { error?: undefined }
>

/** As `predict --json` has it. */
function predicted({ engine, deviceReport }: Model, { file, index, warnings }: Input, prediction: Predicted) {
  const { property, values, unit, domain, interval, spread, members, embedding, device, ms } = prediction
  return {
    ...{ file, index, property, value: values, unit, domain, interval },
    ...(spread && { spread, members }),
    ...(embedding && { embedding: [...embedding] }),
    ...(warnings.length > 0 && { warnings }),
    ...{ device, engine, device_report: deviceReport, ms: Math.round(ms * 1000) / 1000 },
  }
}

/** A list; where nothing could be predicted, the first error says so in the status, too. */
function answer(rows: readonly object[], reply: FastifyReply) {
  const codes = rows.map((row) => ('error' in row ? (row.error as { code: string }).code : undefined))
  const [first] = codes
  if (first !== undefined && codes.every((code) => code !== undefined)) reply.code(statusOf(first))
  return reply.type('application/json').send(JSON.stringify(rows))
}
