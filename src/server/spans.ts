// Spans of OpenTelemetry: a request, and in it its stages, under the trace that its caller sent. Where the package
// @opentelemetry/api is not installed, or no program has registered what takes spans (docs/serving.md), nothing is made.

import type * as Api from '@opentelemetry/api'
import { VERSION } from '../version.ts'

/** A stage of a request, from and to as of performance.now(). */
export type OnStage = (stage: 'read' | 'queue' | 'run', from: number, to: number) => void

/** A request that is under way. */
export interface RequestSpan {
  readonly onStage: OnStage
  /** @param code `OK`, or that of the failure */
  end(model: string, code: string): void
}

/** @param trace a traceparent of W3C */
export type StartSpan = (protocol: string, trace: string | undefined) => RequestSpan | undefined

export async function spansHere(): Promise<StartSpan> {
  const api = await import('@opentelemetry/api').catch(() => undefined)
  return api ? (protocol, trace) => started(api, protocol, trace) : () => undefined
}

function started(api: typeof Api, protocol: string, trace: string | undefined): RequestSpan {
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode } = api
  const tracer = api.trace.getTracer('crystal-onnx', VERSION)
  const caller = trace === undefined ? undefined : contextOf(trace)
  const outside = caller ? api.trace.setSpanContext(ROOT_CONTEXT, caller) : ROOT_CONTEXT
  const request = tracer.startSpan(`predict over ${protocol}`, { kind: SpanKind.SERVER }, outside)
  const inside = api.trace.setSpan(ROOT_CONTEXT, request)
  return {
    onStage(stage, from, to) {
      tracer.startSpan(stage, { startTime: dated(from) }, inside).end(dated(to))
    },
    end(model, code) {
      request.setAttributes({ 'crystal_onnx.model': model, 'crystal_onnx.code': code })
      if (code !== 'OK') request.setStatus({ code: SpanStatusCode.ERROR, message: code })
      request.end()
    },
  }
}

/** Milliseconds since 1970. */
function dated(time: number): number {
  return performance.timeOrigin + time
}

/** https://www.w3.org/TR/trace-context */
function contextOf(trace: string): Api.SpanContext {
  const [, traceId, spanId, flags] = trace.split('-')
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
}
