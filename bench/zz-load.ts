import { load } from '../runtimes/node/load.ts'
import { mixes } from './workload.ts'
const [,, file, engine, threads, worker] = process.argv
const crystals = mixes().mixes[1].crystals
for (let k=0;k<2;k++) {
const t0 = performance.now()
const m = await load(file, { engine: engine as any, threads: Number(threads??1), worker: worker !== 'false' })
console.log(m.deviceReport, m.engine, m.goldenError, (performance.now()-t0).toFixed(0)+' ms')
const p = await m.predict(crystals[0]); console.log(p.value, (await m.embed(crystals[0])).slice(0,2))
for (let r=0;r<2;r++){
const t = performance.now(), c = process.cpuUsage()
let n=0, sum=0; for await (const o of m.predictMany(crystals)) { n++; sum += o.value! }
const u = process.cpuUsage(c)
console.log(n, sum, 'ms/crystal', ((performance.now()-t)/n).toFixed(2), 'cpu', ((u.user+u.system)/1000/n).toFixed(2), 'rss', (process.memoryUsage().rss/1e6).toFixed(0))
}
const a = await m.attention(crystals[0]).catch(e=>e); console.log(a.message ?? Object.keys(a))
await m.dispose()
}
