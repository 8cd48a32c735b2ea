// Where an evaluator lives when it is not in the calling thread: behind messages, in a worker thread (thread-host.ts) or
// in a process (process-host.ts). Both run worker.ts; hosted.ts makes an Evaluator of either.

import type { Reply, Request } from './worker-protocol.ts'

export interface Host {
  post(request: Request): void
  onReply(listener: (reply: Reply) => void): void
  /** Told once: the host is gone, and why. */
  onEnd(listener: (why: string, cause?: Error) => void): void
  /** Whether the host keeps this process alive. */
  hold(alive: boolean): void
  /** Ends a host that has nothing to do. */
  end(): Promise<void>
}
