// Where a session lives when it is not in the calling thread: behind messages, in a worker thread (thread-host.ts) or
// in a process (process-host.ts). Both run worker.ts; hosted.ts makes a Runtime of either.

import type { Reply, Request } from './worker-protocol.ts'

export interface Host {
  /** `move` may leave this thread instead of being copied. */
  post(request: Request, move: ArrayBuffer[]): void
  onReply(listener: (reply: Reply) => void): void
  /** Told once: the host is gone, and why. */
  onEnd(listener: (why: string, cause?: Error) => void): void
  /** Whether the host keeps this process alive. */
  hold(alive: boolean): void
  /** Ends a host that has nothing to do. */
  end(): Promise<void>
}
