// One progress bar on stderr: a live bar on a terminal, nothing elsewhere (logs stay readable, --json stays clean).

import { SingleBar } from 'cli-progress'

export interface Progress {
  update(done: number, detail?: string): void
  stop(): void
}

/** A bar of `total` steps with the time left. Without a total it counts. */
export function progressBar(title: string, total?: number): Progress {
  if (!process.stderr.isTTY) return { update() {}, stop() {} }
  const format =
    total === undefined
      ? `${title} {value} {detail}`
      : `${title} {bar} {percentage}% {value}/{total} ETA {eta_formatted} {detail}`
  const bar = new SingleBar({
    ...{ format, stream: process.stderr, barsize: 24, clearOnComplete: true },
    // Nothing of the terminal is changed that a process would have to put right when a signal ends it.
    ...{ hideCursor: false, linewrap: true, gracefulExit: false },
  })
  bar.start(total ?? 0, 0, { detail: '' })
  return {
    update: (done, detail = '') => bar.update(done, { detail }),
    stop: () => bar.stop(),
  }
}
