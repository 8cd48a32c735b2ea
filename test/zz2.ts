import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs'
import { fetched, PACKAGES } from './integration/public-models.ts'
const want = process.argv.slice(2)
for (const p of PACKAGES) {
  const f = fetched(p) as any
  if (!f.folder) { console.log(p.name, f); continue }
  for (const m of p.models(f.folder)) if (want.includes(m.name)) {
    await tf.setBackend('cpu')
    const t = performance.now()
    try { const r = await m.export(process.env.INPUTS ? JSON.parse(process.env.INPUTS) : p.inputs?.[m.name]); console.log(m.name, r.nodes, r.bytes.length, JSON.stringify(r.verified), r.notes, JSON.stringify(r.outputs), JSON.stringify(r.operators), ((performance.now()-t)/1e3).toFixed(1)) } catch (e) { console.log(m.name, ((performance.now()-t)/1e3).toFixed(1), (e as Error).message.slice(0, 1500)) }
  }
  break
}
