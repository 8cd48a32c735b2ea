// `POST /predict` for people and scripts: structure files in, what `predict --json` says of each structure out.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Model } from '../../runtimes/model.ts'
import { type CrystalOnnxError, RequestError } from '../errors.ts'
import { askedBy, bodyOf } from './asked.ts'
import { statusOf } from './failure.ts'
import { type Caller, levelOf } from './infer.ts'
import { checkCount, formatOf } from './inputs.ts'
import { plain } from './log.ts'
import type { Entry } from './reading/readers.ts'
import type { File } from './reading/task.ts'
import { PREDICT } from './schemas.ts'
import type { Limits, Service } from './service.ts'

/** A structure of a file, or why there is none. */
type Input = Entry & { readonly file: string; readonly index: number }

export function peopleRoutes(app: FastifyInstance, service: Service): void {
  const { limits, readers } = service
  app.post(
    '/predict',
    { schema: PREDICT, onRequest: async () => service.refuseOverload() },
    async (request, reply) => {
      const query = textsOf(request.query)
      const files = await filesOf(request, query.file)
      const task = { files, format: formatOf(query.format), ...most(limits) }
      const asked = askedBy(request, reply, query.model)
      const rows = await service.work('http', asked, async (model, caller) => {
        const start = performance.now()
        const entries = await readers.read(task, caller.signal)
        caller.onStage?.('read', start, performance.now())
        const inputs = entries.flatMap((own, n) => inputsOf(files[n], own))
        checkCount(inputs.length, limits)
        return rowsOf(model, inputs, query, caller)
      })
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
  if (!request.isMultipart()) return [{ name: name && plain(name), bytes: bodyOf(request) }]
  const files: File[] = []
  for await (const part of request.files()) {
    const { filename } = part
    files.push({ name: filename === '' ? undefined : plain(filename), bytes: await part.toBuffer() })
  }
  if (files.length > 0) return files
  throw new RequestError('a form without files: expected some, as in curl -F file=@NaCl.cif')
}

/** One more than may be is an error anyway: the rest need not be read. */
function most({ maxCrystalAtoms, maxClientBatch }: Limits) {
  return { maxSites: maxCrystalAtoms, most: maxClientBatch + 1 }
}

function inputsOf({ name = 'body' }: File, entries: readonly Entry[]): Input[] {
  return entries.map((entry, index) => ({ ...entry, file: name, index }))
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
