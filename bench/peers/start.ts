// A program in Python that is asked for times: a question is a line of JSON, and so is its answer.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** @param needs what its Python must have, for the error */
export function startPeers(python: string, script: string, needs: string) {
  const child: ChildProcess = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const failed = Promise.race([
    once(child, 'error').then(([error]) => error.message),
    once(child, 'close').then(([code]) => code),
  ]).then((why) => {
    throw new Error(`${python} ${script} ended (${why}); expected a Python with ${needs} (--python)`)
  })
  failed.catch(() => {})
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  async function ask<T>(question: object): Promise<T> {
    child.stdin!.write(`${JSON.stringify(question)}\n`)
    const { value } = await Promise.race([lines.next(), failed])
    return JSON.parse(value)
  }
  return Object.assign(ask, { end: () => child.stdin!.end() })
}
