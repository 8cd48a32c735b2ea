// Apart from open.ts, so that the types of `load` need none of Node.

/** Whether evaluators are in threads, in processes, or in the calling thread. */
export type Apart = boolean | 'process'
