import { benchEngines } from '/work/main/bench/engines.ts'
const r = await benchEngines(Number(process.argv[2] ?? 3), () => {})
for (const t of r.times) console.log(t.network.padEnd(14), t.on.padEnd(14), t.engine.padEnd(22), t.us_per_atom.toFixed(1).padStart(7), t.tables_us_per_atom.toFixed(1).padStart(6), t.ratio.toFixed(3), t.spread.map(x=>x.toFixed(2)).join('-'), t.difference.toExponential(1))
