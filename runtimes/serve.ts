// The program of a host: opens one evaluator, answers its calls, and ends when it is told to. Over which line, a thread's,
// a process's or a browser's worker's, is the affair of those who call it. Holds no policy.

import type { Evaluator } from './evaluator.ts'
import type { Answer, Reply, Request } from './hosted-protocol.ts'
import { sentError, sentResults } from './sent.ts'

/** The way back to who asks. */
export interface Line {
  reply(message: Reply): void
  onRequest(listener: (request: Request) => void): void
  close(): void
}

export async function serve(open: () => Promise<Evaluator>, line: Line): Promise<void> {
  let evaluator: Evaluator
  try {
    evaluator = await open()
  } catch (error) {
    line.reply({ id: 0, error: sentError(error) })
    line.close()
    return
  }
  const stops = new Map<number, AbortController>()
  line.onRequest(async (request) => {
    const { id, method } = request
    if (method === 'stop') return stops.get(id)?.abort()
    const stop = new AbortController()
    stops.set(id, stop)
    line.reply({ id, ...(await answer(evaluator, request, stop.signal)) })
    stops.delete(id)
    if (method === 'release') line.close()
  })
  const { engine, note } = evaluator
  line.reply({ id: 0, opened: { engine, note } })
}

/** @param signal of an evaluation */
async function answer(evaluator: Evaluator, request: Request, signal: AbortSignal): Promise<Answer> {
  try {
    if (request.method === 'evaluate') {
      const { crystals, outputs, options } = request
      return { results: sentResults(await evaluator.evaluate(crystals, outputs, { ...options, signal })) }
    }
    if (request.method === 'attention') return { attention: await evaluator.attention(request.crystal) }
    await evaluator.release()
    return {}
  } catch (error) {
    return { error: sentError(error) }
  }
}
