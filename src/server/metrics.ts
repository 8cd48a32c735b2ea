// What a server counts and measures, in the text format of Prometheus.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Run } from '../../runtimes/batching-options.ts'

const PREFIX = 'crystal_onnx_'
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const COUNTS = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000]
const IMAGES = [1e3, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7]

/** A request that was answered. */
export interface Answered {
  readonly protocol: 'http' | 'grpc'
  /** Empty where there is none of the name. */
  readonly model: string
  /** `OK`, or the code of the failure. */
  readonly code: string
  readonly seconds: number
}

export interface Metrics {
  answered(request: Answered): void
  /** Told of every run of a model. */
  run(model: string, run: Run): void
  /** Time of a stage of a request that is not in a run. */
  stage(name: 'read' | 'write', seconds: number): void
  concurrent(requests: number): void
  device(model: string, device: string, engine: string): void
  reloaded(model: string, what: string): void
  /** Whether a server behind this one is used. */
  upstream(model: string, address: string, up: boolean): void
  text(): Promise<string>
  readonly contentType: string
}

export function metricsOf(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const of = (name: string, help: string, labelNames: string[] = []) => ({
    ...{ name: `${PREFIX}${name}`, help, labelNames, registers },
  })
  const requests = new Counter(
    of('requests_total', 'Requests that were answered', ['model', 'protocol', 'code']),
  )
  const seconds = new Histogram({
    ...of('request_seconds', 'Time from a request to its answer', ['protocol']),
    buckets: SECONDS,
  })
  const stages = new Histogram({ ...of('stage_seconds', 'Time of a stage', ['stage']), buckets: SECONDS })
  const queue = new Histogram({ ...of('queue_seconds', 'Longest wait of a call in a run'), buckets: SECONDS })
  const atoms = new Histogram({ ...of('run_atoms', 'Atoms of a run', ['model']), buckets: COUNTS })
  const crystals = new Histogram({ ...of('run_crystals', 'Crystals of a run', ['model']), buckets: COUNTS })
  const images = new Histogram({
    ...of('run_images', 'Periodic images of a run, as expected from the density', ['model']),
    buckets: IMAGES,
  })
  const waiting = new Gauge(of('waiting_crystals', 'Crystals that wait for a run', ['model']))
  const concurrent = new Gauge(of('concurrent_requests', 'Requests under way'))
  const device = new Gauge(of('model_info', 'What runs a model: 1', ['model', 'device', 'engine']))
  const upstreams = new Gauge(
    of('upstream_up', 'Whether a server behind this one is used: 1 or 0', ['model', 'upstream']),
  )
  const reloads = new Counter(
    of('model_changes_total', 'Versions loaded, unloaded or failed', ['model', 'what']),
  )
  return {
    answered({ protocol, model, code, seconds: took }) {
      requests.inc({ model, protocol, code })
      seconds.observe({ protocol }, took)
    },
    run(model, run) {
      queue.observe(run.waitedMs / 1000)
      stages.observe({ stage: 'run' }, run.ms / 1000)
      atoms.observe({ model }, run.atoms)
      crystals.observe({ model }, run.crystals)
      if (run.images > 0) images.observe({ model }, run.images)
      waiting.set({ model }, run.waiting)
    },
    stage: (stage, took) => stages.observe({ stage }, took),
    concurrent: (count) => concurrent.set(count),
    device: (model, name, engine) => device.set({ model, device: name, engine }, 1),
    upstream: (model, upstream, up) => upstreams.set({ model, upstream }, up ? 1 : 0),
    reloaded: (model, what) => reloads.inc({ model, what }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
