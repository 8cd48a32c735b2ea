// `npm run bench:browser [-- --json]`: a page of Chromium with wasm, on both engines. How long the first prediction takes with
// everything in the cache, and milliseconds of a crystal by size, with full-size networks. The best of several passes.

import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { exportCrystalModel } from '../exporters/crystal/export.ts'
import { modelConfig } from '../models/attention/config.ts'
import { initialiseWeights } from '../models/attention/initialise.ts'
import { positiveInteger } from '../src/cli/options.ts'
import { Output } from '../src/cli/output.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { buildPackage } from '../test/browser/built.ts'
import { launchProfile, noChromium } from '../test/browser/chromium.ts'
import { inPage, serveSite } from '../test/browser/page.ts'
import { growingCells } from './workload.ts'

/** Radius of the figures, Å: 5 σ_max. */
const RADIUS = 9.9
const ATOMS = [10, 30, 100]
const NETWORKS = ['crystalformer', 'crystalframer'] as const

const { passes, json } = new Command('bench:browser')
  .description('time to the first prediction, and milliseconds a crystal, on wasm in Chromium')
  .option('--passes <n>', 'passes; the fastest counts', positiveInteger, 5)
  .option('--json', 'one JSON object on stdout')
  .parse()
  .opts<{ passes: number; json?: boolean }>()
if (noChromium !== undefined) throw new Error(noChromium)

const output = new Output(json ?? false)
const site = await serveSite(await buildPackage('bench'), { isolated: true })
for (const architecture of NETWORKS) {
  output.note(`… exporting ${architecture}`)
  const config = modelConfig({ architecture })
  const weights = initialiseWeights(config, 1)
  for (const [name, tensor] of weights) if (name.endsWith('gauss_scale')) tensor.data.set([1, 0])
  const { bytes } = await exportCrystalModel({
    weights,
    config,
    geometry: { radius: RADIUS },
    targets: [{ name: 'output', unit: '1', mean: 0, std: 1 }],
  })
  site.resources.set(`/${architecture}.onnx`, { body: bytes, headers: { ETag: '"1"' } })
}
// A folder of its own, so that the browser's caches outlive the page.
const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-chromium-'))
const context = await launchProfile(folder)
const cells = growingCells().filter(({ atoms }) => ATOMS.includes(atoms))
const ENGINES = [
  { engine: 'fused', threads: 1 },
  { engine: 'onnxruntime', threads: 1 },
  { engine: 'onnxruntime', threads: 2 },
] as const
type Way = (typeof ENGINES)[number]
const rows: (Way & { network: string; first_ms: number; ms: number[] })[] = []
try {
  for (const network of NETWORKS) {
    for (const way of ENGINES) {
      output.note(`… ${network}, ${way.engine} ×${way.threads}`)
      rows.push({ network, ...way, ...(await time(network, way)) })
    }
  }
} finally {
  await context.close()
  await site.close()
  rmSync(folder, { recursive: true, force: true })
}
output.line({ processor: cpus()[0]?.model, passes, radius: RADIUS, atoms: ATOMS, rows })
output.table(
  [
    'network',
    'engine',
    'threads',
    'first prediction, ms',
    ...ATOMS.map((n) => `${n} atoms, ms`),
    'µs an atom of 100',
  ],
  rows.map(({ network, engine, threads, first_ms, ms }) => [
    network,
    engine,
    threads,
    first_ms.toFixed(0),
    ...ms.map((t) => t.toFixed(1)),
    ((1000 * ms.at(-1)!) / ATOMS.at(-1)!).toFixed(0),
  ]),
)

/** The fastest of several visits: from the call of `load` to the first prediction, then every crystal alone. */
async function time(network: string, way: Way): Promise<{ first_ms: number; ms: number[] }> {
  let first_ms = Number.POSITIVE_INFINITY
  const ms = cells.map(() => Number.POSITIVE_INFINITY)
  // The visit before the first fills the caches.
  for (let visit = 0; visit <= passes; visit++) {
    const page = await context.newPage()
    await page.goto(site.origin)
    const crystals: Structure[] = visit === 0 ? [] : cells.map(({ crystal }) => crystal)
    const found = await inPage(page, visitPage, {
      file: `/${network}.onnx`,
      way,
      first: cells[0].crystal,
      crystals,
    })
    if (visit > 0) first_ms = Math.min(first_ms, found.first)
    for (const [n, value] of found.ms.entries()) ms[n] = Math.min(ms[n], value)
    await page.close()
  }
  return { first_ms, ms }
}

async function visitPage(visit: {
  file: string
  way: Way
  first: Structure
  crystals: Structure[]
}): Promise<{ first: number; ms: number[] }> {
  const start = performance.now()
  const model = await crystalOnnx.load(visit.file, { device: 'wasm', ...visit.way })
  await model.predict(visit.first)
  const first = performance.now() - start
  const ms: number[] = []
  for (const crystal of visit.crystals) {
    let least = Number.POSITIVE_INFINITY
    for (let run = 0; run < 4; run++) {
      const start = performance.now()
      await model.predict(crystal)
      least = Math.min(least, performance.now() - start)
    }
    ms.push(least)
  }
  await model.dispose()
  return { first, ms }
}
