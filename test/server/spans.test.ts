// What a program that collects spans is told of requests: a span each, in the trace of its caller, and its stages in it.

import { type Context, ROOT_CONTEXT, type Span, type SpanOptions, trace } from '@opentelemetry/api'
import { afterAll, describe, expect, it } from 'vitest'
import { posted, runningServer, typedChain } from './running.ts'

interface Recorded {
  readonly name: string
  readonly parent: string | undefined
  readonly id: string
  readonly trace: string
  from: number
  to?: number
  readonly attributes: Record<string, unknown>
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CALLER = 'b7ad6b7169203331'
const recorded: Recorded[] = []

/** The interface that the API has for what takes spans, keeping them in a list. */
trace.setGlobalTracerProvider({
  getTracer: () => ({
    startSpan(name: string, options: SpanOptions = {}, context: Context = ROOT_CONTEXT): Span {
      const parent = trace.getSpanContext(context)
      const id = String(recorded.length).padStart(16, '0')
      const own: Recorded = {
        ...{ name, id, parent: parent?.spanId, trace: parent?.traceId ?? 'new', attributes: {} },
        from: Number(options.startTime ?? Date.now()),
      }
      recorded.push(own)
      return {
        spanContext: () => ({ traceId: own.trace, spanId: id, traceFlags: 1 }),
        setAttributes: (attributes: object) => Object.assign(own.attributes, attributes),
        setStatus: (status: object) => Object.assign(own.attributes, status),
        end: (time?: number) => {
          own.to = time ?? Date.now()
        },
      } as unknown as Span
    },
    startActiveSpan: () => undefined as never,
  }),
})
afterAll(() => trace.disable())

const server = runningServer()

describe('spans', () => {
  it('of a request and its stages are in the trace of the caller', async () => {
    recorded.length = 0
    const before = Date.now()
    const body = { inputs: typedChain(3) }
    await posted(`${server().url}/v2/models/tiny/infer`, body, { traceparent: `00-${TRACE}-${CALLER}-01` })
    const [request, ...stages] = recorded
    expect(request).toMatchObject({
      ...{ name: 'predict over http', parent: CALLER, trace: TRACE },
      attributes: { 'crystal_onnx.model': 'tiny', 'crystal_onnx.code': 'OK' },
    })
    expect(stages.map(({ name, parent }) => [name, parent])).toEqual([
      ['read', request.id],
      ['queue', request.id],
      ['run', request.id],
    ])
    for (const { from, to } of stages) {
      expect(from).toBeGreaterThan(before - 1000)
      expect(to).toBeGreaterThanOrEqual(from)
    }
    expect(stages[2].from).toBe(stages[1].to)
  })

  it('of a request that fails says so', async () => {
    recorded.length = 0
    await posted(`${server().url}/v2/models/tiny/infer`, { inputs: typedChain(2, 100) })
    expect(recorded[0]).toMatchObject({
      ...{ parent: undefined, to: expect.any(Number) },
      attributes: { 'crystal_onnx.code': 'ELEMENT', message: 'ELEMENT' },
    })
  })
})
