// How far reading and predicting are: how many, how fast, how long still, and a button to stop.

import { remaining } from '../../src/components/figures.ts'
import { stopReading } from '../intake/take.ts'
import { part } from '../part.ts'
import type { PageState, PageStore } from '../state.ts'

export function progressLine(store: PageStore): void {
  const box = part('progress')
  const text = part('progress-text')
  const bar = part<HTMLProgressElement>('progress-bar')
  const stop = part('stop')
  const goOn = part('go-on')
  const count = (n: number) => n.toLocaleString('en')

  stop.addEventListener('click', () => {
    stopReading()
    store.update({ stopped: true })
  })
  goOn.addEventListener('click', () => store.update({ stopped: false }))

  store.watch(['reading', 'predicting', 'stopped', 'crystals'], (state) => {
    const { reading, predicting, stopped, crystals } = state
    const { counts } = crystals.table
    const waits = stopped && counts.waiting > 0
    const busy = reading !== undefined || (predicting !== undefined && predicting.total > 1)
    box.hidden = !(busy || waits)
    stop.hidden = !busy
    goOn.hidden = !waits
    bar.hidden = !predicting
    if (predicting) {
      bar.max = predicting.total
      bar.value = predicting.done
    }
    text.textContent = waits
      ? `stopped: ${count(counts.waiting)} structures have no prediction`
      : saying(state)
  })

  function saying({ reading, predicting }: PageState): string {
    const read = reading === undefined ? [] : [`reading, ${count(reading)} structures so far`]
    if (!predicting) return read.join('')
    const { done, total, rate } = predicting
    const fast =
      rate === undefined ? [] : [`${rate < 10 ? rate.toFixed(1) : count(Math.round(rate))} a second`]
    const left = rate === undefined || reading !== undefined ? [] : [remaining((total - done) / rate)]
    return [`${count(done)} of ${count(total)} predicted`, ...fast, ...left, ...read].join(', ')
  }
}

/** What there is, in one line above the table. */
export function countLine(store: PageStore): void {
  const line = part('count')
  store.watch(['crystals'], ({ crystals: { table } }) => {
    const { count, counts } = table
    const parts = [`${count.toLocaleString('en')} structures`]
    if (counts.waiting > 0) parts.push(`${counts.waiting.toLocaleString('en')} waiting`)
    if (counts.failed > 0) parts.push(`${counts.failed.toLocaleString('en')} failed`)
    line.textContent = parts.join(', ')
  })
}
