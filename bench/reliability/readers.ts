// Every reader on mutants: an input gives structures or typed errors, within two seconds, and leaves no memory behind.

import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { membersOf } from '../../src/data/members.ts'
import { streamEntries } from '../../src/data/structure-stream.ts'
import { CrystalOnnxError } from '../../src/errors.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import { mutant, type Seed, seeds } from './mutants.ts'

/** A reading that takes longer hangs, as far as a person can tell: and so much more for every kB, each line of which may be an error. */
const [LONGEST_MS, MS_PER_KB] = [2000, 100]
/** An error is read by people. */
const LONGEST_MESSAGE = 2000

export interface Readings {
  readonly inputs: number
  readonly structures: number
  readonly errors: number
  readonly longest_ms: number
  /** bytes of the heap in use after every tenth of the inputs */
  readonly heap: readonly number[]
  /** what was wrong, with the number of the input; empty when nothing was */
  readonly faults: readonly string[]
}

/** @param onProgress told of every tenth */
export async function tryReaders(
  { count, seed }: { readonly count: number; readonly seed: number },
  onProgress: (message: string) => void = () => {},
): Promise<Readings> {
  const all = seeds()
  const heap: number[] = []
  const faults: string[] = []
  let [structures, errors, longest] = [0, 0, 0]
  for (let n = 0; n < count; n++) {
    const draw = random(seed, n)
    const input = mutant(all, draw)
    // Half of the inputs do not say by their name what they are.
    const file = draw.uniform() < 0.5 ? input.name : 'input'
    const wrong = (what: string) => faults.push(`input ${n} (${input.name} as ${file}): ${what}`)
    const start = performance.now()
    try {
      for await (const error of entriesOf({ ...input, name: file })) {
        if (error === undefined) structures++
        else {
          errors++
          if (error.message.length > LONGEST_MESSAGE) wrong(`a message of ${error.message.length} characters`)
        }
      }
    } catch (error) {
      wrong(`untyped: ${(error as Error).stack}`)
    }
    const ms = performance.now() - start
    longest = Math.max(longest, ms)
    if (ms > LONGEST_MS + (MS_PER_KB * input.bytes.length) / 1000) wrong(`${ms.toFixed(0)} ms`)
    if ((n + 1) % Math.ceil(count / 10) !== 0) continue
    heap.push(heapInUse())
    onProgress(`${n + 1} inputs, ${(heap.at(-1)! / 2 ** 20).toFixed(1)} MB`)
  }
  return { inputs: count, structures, errors, longest_ms: longest, heap, faults }
}

/** What each structure of an input is: read, or refused with an error of ours. */
async function* entriesOf({ name, bytes }: Seed): AsyncGenerator<CrystalOnnxError | undefined> {
  try {
    for await (const { name: member, chunks } of membersOf(name, inPieces(bytes)))
      for await (const entry of streamEntries(member, chunks))
        yield 'error' in entry ? entry.error : undefined
  } catch (error) {
    if (!(error instanceof CrystalOnnxError)) throw error
    yield error
  }
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1024) yield bytes.subarray(at, at + 1024)
}

/** After everything that nobody holds was freed. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
