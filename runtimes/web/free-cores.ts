// How many cores a page really has: those that others keep busy are no use to threads that wait for each other in every
// operation of a graph, and two such threads on one free core are slower than one.

/** Milliseconds of one measurement. */
const SPIN_MS = 16
/** A core counts from this share of it on. */
const ENOUGH = 0.6
/** Milliseconds after which a browser that starts no workers is not waited for. */
const PATIENCE_MS = 1000

/** Counts for so many milliseconds, as the worker does. */
const SPIN = `onmessage = ({ data }) => {
  const end = performance.now() + data
  let n = 0
  while (performance.now() < end) n++
  postMessage(n)
}
postMessage('ready')`

/**
 * The threads that are worth having.
 * @param alone what one of them counts when the others rest
 * @param together what each counts when all do
 */
export function worthwhile(alone: number, together: readonly number[]): number {
  const cores = together.reduce((sum, own) => sum + own, 0) / Math.max(1, alone)
  return Math.min(together.length, Math.max(1, Math.floor(cores + 1 - ENOUGH)))
}

/** Of so many cores those that are free, measured in a few hundredths of a second; `most` where no workers start. */
export async function freeCores(most: number): Promise<number> {
  if (most <= 1) return 1
  const source = URL.createObjectURL(new Blob([SPIN], { type: 'text/javascript' }))
  const workers: Worker[] = []
  try {
    for (let n = 0; n < most; n++) workers.push(new Worker(source, { name: 'cores' }))
    await inTime(Promise.all(workers.map(answer)))
    const spin = (worker: Worker) => {
      const counted = answer(worker)
      worker.postMessage(SPIN_MS)
      return counted as Promise<number>
    }
    const alone = await spin(workers[0])
    return worthwhile(alone, await inTime(Promise.all(workers.map(spin))))
  } catch {
    // Policies may forbid such workers, which says nothing about cores.
    return most
  } finally {
    for (const worker of workers) worker.terminate()
    URL.revokeObjectURL(source)
  }
}

function answer(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = (event) => {
      event.preventDefault()
      reject(new Error(event.message))
    }
  })
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer')), PATIENCE_MS)),
  ])
}
