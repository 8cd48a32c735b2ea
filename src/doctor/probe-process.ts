// The process of probe.ts: `DEVICE` on its command line, one line of JSON on stdout. Opens the graph y = exp(a·b) as
// a model is opened and compares what it gives with float64.

import { NODE_DEVICES, type NodeDevice } from '../../runtimes/node/devices.ts'
import { openGraph } from '../../runtimes/node/graph.ts'
import { ConfigError } from '../errors.ts'
import type { Answer } from './probe.ts'

/** ONNX opset 17: inputs a [n, 64] and b [64, 64] of float32, MatMul, Exp, output y [n, 64]; made by `exportOnnx`. */
const GRAPH =
  'CAgSDGNyeXN0YWwtb25ueBoAMgA6fgoeCgFhCgFiEgZtYXRtdWwaBm1hdG11bCIGTWF0TXVsChUKBm1hdG11bBIBeRoDZXhwIgNFeHASBG1haW5aFAoBYRIPCg0IARIJCgMSAW4KAghAWhMKAWISDgoMCAESCAoCCEAKAghAYhQKAXkSDwoNCAESCQoDEgFuCgIIQEIECgAQEQ=='
const SIZE = 64

async function answer(device: NodeDevice): Promise<Answer> {
  const tensor = (seed: number) => ({ data: numbers(seed), dims: [SIZE, SIZE] })
  const tensors = { a: tensor(1), b: tensor(2) }
  const expected = product(tensors.a.data, tensors.b.data).map(Math.exp)
  const start = performance.now()
  try {
    const bytes = Buffer.from(GRAPH, 'base64')
    const graph = await openGraph(bytes, ['a', 'b'], { device, threads: 1 })
    const { y } = await graph.run({ tensors }, ['y'])
    const ms = performance.now() - start
    await graph.release()
    const errors = expected.map((value, n) => Math.abs(y.data[n] - value) / value)
    return { ms, max_error: errors.reduce((a, b) => Math.max(a, b), 0) }
  } catch (error) {
    return { reason: (error as Error).message.replace(`device ${device} `, '') }
  }
}

/** Numbers in [0, 1/8) whose mantissas are full: a product of them in less than float32 shows. */
function numbers(seed: number): Float32Array {
  return Float32Array.from(
    { length: SIZE * SIZE },
    (_, n) => ((Math.sin(n * seed + seed) * 1e4) % 1) ** 2 / 8,
  )
}

function product(a: Float32Array, b: Float32Array): Float64Array {
  return Float64Array.from({ length: SIZE * SIZE }, (_, n) => {
    const [i, j] = [Math.floor(n / SIZE), n % SIZE]
    let sum = 0
    for (let k = 0; k < SIZE; k++) sum += a[i * SIZE + k] * b[k * SIZE + j]
    return sum
  })
}

const device = NODE_DEVICES.find((name) => name === process.argv[2])
if (device === undefined)
  throw new ConfigError(`device "${process.argv[2]}": expected one of ${NODE_DEVICES}`)
console.log(JSON.stringify(await answer(device)))
