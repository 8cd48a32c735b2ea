// A program that labels crystals, for tests: a soft pair potential over the cells around, in eV an atom. It is well behaved
// unless it is told otherwise:
//
//   --name N --version V   says who it is        --log FILE    notes every crystal that it is asked about, and its process
//   --delay MS             takes its time        --once        ends after an answer
//   --die ID  --hang ID  --boast ID  --nan ID  --flood ID  --refuse ID     does that for one crystal
//   --stray                prints what means nothing, and answers nobody asked for
//   --atoms                adds an energy for every atom: minus a tenth of its number, in eV

import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const text = { type: 'string' }
const flag = { type: 'boolean' }
const { values: told } = parseArgs({
  options: {
    ...{ name: text, version: text, log: text, delay: text, once: flag, stray: flag, atoms: flag },
    ...{ die: text, hang: text, nan: text, flood: text, refuse: text, boast: text },
  },
})
const write = (line) => process.stdout.write(`${line}\n`)

if (told.name) write(JSON.stringify({ name: told.name, version: told.version, licence: 'none' }))

for await (const line of createInterface({ input: process.stdin })) {
  const crystal = JSON.parse(line)
  const { id } = crystal
  if (told.log) appendFileSync(told.log, `${id} ${process.pid}\n`)
  if (told.stray) {
    write('loading weights …')
    write('{"id": "nobody", "value": 1}')
    write('{"id": 7, "value": 1}')
    write('[1, 2]')
    write('{"value": NaN')
  }
  if (told.delay) await setTimeout(Number(told.delay))
  if (id === told.die) process.exit(9)
  if (id === told.hang) await setTimeout(1e9)
  if (id === told.boast) for (;;) write('{"name": "pair"}') && (await setTimeout(20))
  if (id === told.flood) for (;;) process.stdout.write('x'.repeat(4096)) || (await setTimeout(1))
  if (id === told.nan) write(`{"id": "${id}", "value": NaN}`)
  else if (id === told.refuse) write(JSON.stringify({ id, error: 'no potential\nfor this one' }))
  else write(JSON.stringify({ value: energy(crystal), id, extra: [1, 2] }))
  // Twice is once.
  if (told.stray) write(JSON.stringify({ id, value: 1e6 }))
  if (told.once) process.exit(0)
}

/** ½ Σ exp(−r) an atom. */
function energy({ lattice, frac, numbers }) {
  let sum = 0
  const steps = [-1, 0, 1]
  for (const f of frac) {
    for (const g of frac) {
      for (const a of steps) {
        for (const b of steps) {
          for (const c of steps) {
            const d = [g[0] - f[0] + a, g[1] - f[1] + b, g[2] - f[2] + c]
            const r = Math.hypot(...[0, 1, 2].map((x) => d.reduce((s, dm, m) => s + dm * lattice[m][x], 0)))
            if (r > 0) sum += 0.5 * Math.exp(-r)
          }
        }
      }
    }
  }
  if (told.atoms) for (const z of numbers) sum -= z / 10
  return sum / frac.length
}
