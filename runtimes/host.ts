// Where an evaluator lives when it is not in the calling thread: behind messages, in a worker thread of Node or a process
// (node/), or in a worker of a browser (web/). All run serve.ts; hosted.ts makes an Evaluator of any.

import type { Reply, Request } from './hosted-protocol.ts'

export interface Host {
  post(request: Request): void
  onReply(listener: (reply: Reply) => void): void
  /** Told once: the host is gone, and why. */
  onEnd(listener: (why: string, cause?: Error) => void): void
  /** Whether the host keeps this process alive, where it can. */
  hold?(alive: boolean): void
  /** Ends a host that has nothing to do. */
  end(): Promise<void>
}
