// A run on the terminal: on a TTY a bar that fills epoch by epoch with the time left, elsewhere a line now and then.
// Writes to stderr only, so that standard output stays free for results.

import { SingleBar } from 'cli-progress'
import pc from 'picocolors'
import type { EpochMetrics, OnEvent, TrainingEvent } from './events.ts'

/** Without a TTY: no more lines than this over a whole run. */
const LINES = 40

/** Consumer of a run's events. `stop` is for a run that fails: a live bar would keep the process alive. */
export interface TrainingProgress extends OnEvent {
  /** Takes the bar away. */
  readonly stop: () => void
}

/** `stream` is stderr unless a test says otherwise. */
export function trainingProgress(stream: NodeJS.WriteStream = process.stderr): TrainingProgress {
  return stream.isTTY ? liveBar(stream) : Object.assign(plainLines(stream), { stop: () => {} })
}

function liveBar(stream: NodeJS.WriteStream): TrainingProgress {
  const bar = new SingleBar({
    format: '{bar} {percentage}%  epoch {epoch}/{epochs}  {detail}  {left} left',
    stream,
    hideCursor: true,
    barsize: 24,
    clearOnComplete: false,
  })
  const clock = runClock()
  let detail = ''
  let epochs = 1
  const onEvent: OnEvent = (event) => {
    clock(event)
    switch (event.type) {
      case 'start':
        stream.write(`${opening(event)}\n`)
        epochs = event.epochs
        bar.start(event.epochs, event.done, { epoch: event.done, epochs, detail: '', left: '…' })
        break
      case 'step': {
        const done = event.epoch - 1 + event.step / event.steps
        bar.update(done, {
          epoch: event.epoch,
          epochs,
          detail: detail || `loss ${event.loss.toFixed(4)}`,
          left: clock({ done, epochs }),
        })
        break
      }
      case 'epoch':
        epochs = event.epochs
        bar.setTotal(epochs)
        detail = figures(event.metrics, event.units)
        break
      case 'end':
        bar.update(epochs, { epoch: epochs, epochs, detail, left: '0 s' })
        bar.stop()
        stream.write(`${closing(event)}\n`)
        break
      case 'warning':
        stream.write(`\n${warning(event)}\n`)
        break
      case 'early-stop':
        break
    }
  }
  return Object.assign(onEvent, { stop: () => bar.stop() })
}

function plainLines(stream: NodeJS.WriteStream): OnEvent {
  const clock = runClock()
  return (event) => {
    clock(event)
    switch (event.type) {
      case 'start':
        stream.write(`${opening(event)}\n`)
        break
      case 'epoch': {
        const { epochs, metrics, units } = event
        const every = Math.ceil(epochs / LINES)
        if (metrics.epoch % every !== 0 && metrics.epoch !== epochs) break
        const left = clock({ done: metrics.epoch, epochs })
        stream.write(`epoch ${metrics.epoch}/${epochs}  ${figures(metrics, units)}  ${left} left\n`)
        break
      }
      case 'early-stop':
        stream.write(
          `epoch ${event.epoch}: no better validation error for long enough; averaging until ${event.epochs}\n`,
        )
        break
      case 'warning':
        stream.write(`${warning(event)}\n`)
        break
      case 'end':
        stream.write(`${closing(event)}\n`)
        break
      case 'step':
        break
    }
  }
}

function opening(event: Extract<TrainingEvent, { type: 'start' }>): string {
  const { backend, threads, parameters, train, val, test, epochs, done } = event
  const from = done > 0 ? `, going on after epoch ${done}` : ''
  return (
    `${parameters.toLocaleString('en')} parameters, ${train} crystals to train on, ${val} to validate, ${test} to test; ` +
    `${epochs} epochs${from}\n${backend.name}: ${backend.reason}${threads > 1 ? `, ${threads} threads` : ''}`
  )
}

function warning({ message }: Extract<TrainingEvent, { type: 'warning' }>): string {
  return `${pc.yellow('warning')} ${message}`
}

function closing({ exported, seconds, peakMemory }: Extract<TrainingEvent, { type: 'end' }>): string {
  const what = {
    average: 'averaged weights',
    best: 'weights of the best epoch',
    last: 'weights of the last epoch',
  }[exported]
  return `trained in ${duration(seconds)}, at most ${peakMemory} MB of memory; ${what} kept`
}

function figures({ loss, val_mae, average_val_mae }: EpochMetrics, units: readonly string[]): string {
  const mae = average_val_mae ?? val_mae
  const errors = mae
    ?.flatMap((error, t) => (error === null ? [] : `${error.toPrecision(3)} ${units[t]}`))
    .join(', ')
  return `loss ${loss.toFixed(4)}${errors === undefined ? '' : `  val ${errors}`}`
}

/** Told of every event, it can say how long the rest of a run will take, from the epochs done since it started. */
function runClock() {
  let started = performance.now()
  let from = 0
  return (at: TrainingEvent | { done: number; epochs: number }): string => {
    if ('type' in at) {
      if (at.type === 'start') {
        started = performance.now()
        from = at.done
      }
      return ''
    }
    const seconds = (performance.now() - started) / 1000
    return at.done > from ? duration((seconds * (at.epochs - at.done)) / (at.done - from)) : '…'
  }
}

/** 45 s, 3 min 20 s, 2 h 5 min */
function duration(seconds: number): string {
  const s = Math.round(seconds)
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
}
