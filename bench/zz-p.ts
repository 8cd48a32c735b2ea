import { readFileSync } from 'node:fs'
import { mixes } from './workload.ts'
import { describeAttention } from '../models/attention/fused.ts'
import { inferConfig } from '../models/attention/parameters.ts'
import { geometryOf } from '../models/attention/geometry.ts'
import { readSafetensors } from '../models/safetensors.ts'
import { fusedNetwork } from '../runtimes/fused/network.ts'
import { nativeMachine } from '../runtimes/node/native.ts'
import { loadAddon } from '../runtimes/node/addon.ts'
import { ELEMENT_TABLE } from '../models/elements.ts'
const path='/work/shared/golden/weights/crystalformer_perturbed.safetensors'
const w = readSafetensors(readFileSync(path), path).tensors
const config = inferConfig(w)
const d = describeAttention(config, geometryOf(config,'converged',{radius:9.9}).geometry, w) as any
const net = fusedNetwork(nativeMachine(loadAddon() as any), d, ELEMENT_TABLE, 1)
for (const { name, crystals } of mixes().mixes.slice(0,1)) {
  const atoms = crystals.reduce((s,c)=>s+c.frac.length,0)
  for (let k=0;k<30;k++) { const c=process.cpuUsage(); for (const x of crystals) net.prepare(x, true); const u=process.cpuUsage(c); console.log(name, ((u.user+u.system)/atoms).toFixed(1), 'µs/atom', ((u.user+u.system)/crystals.length).toFixed(0), 'µs/crystal') }
}
