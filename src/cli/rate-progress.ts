// Progress of work that takes hours, on stderr: crystals a second, share failed, time left. A live line on a terminal; elsewhere
// a line a minute, for the logs of schedulers.

import type { ScreenProgress } from '../screen/screen.ts'
import { progressBar } from './progress.ts'
import { stderr } from './standard-streams.ts'

const LINE_EVERY_MS = 60_000

export function rateProgress(title: string) {
  const bar = progressBar(title)
  const start = performance.now()
  let last = start
  return {
    update(state: ScreenProgress): void {
      const now = performance.now()
      const detail = inWords(state, (now - start) / 1000)
      bar.update(state.done, detail)
      if (process.stderr.isTTY || now - last < LINE_EVERY_MS) return
      last = now
      stderr.write(`${title} ${state.done} ${detail}\n`)
    },
    stop: () => bar.stop(),
  }
}

/** `before`: what was done before this call counts for nothing in the rate. */
function inWords({ done, failed, now, share }: ScreenProgress, seconds: number): string {
  const rate = now / seconds
  const percent = `${(100 * share).toFixed(1)} %`
  const left = share > 0 && share < 1 ? (done / share - done) / rate : 0
  return `crystals, ${percent}, ${rate.toFixed(rate < 10 ? 1 : 0)} a second, ${((100 * failed) / done).toFixed(1)} % failed, ETA ${clock(left)}`
}

function clock(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
