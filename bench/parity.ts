// `npm run parity [-- --size full] [--json]`: every device of this machine against the published code. Exit code 1 when a
// cell of the table fails.

import { Command, Option } from 'commander'
import { Output } from '../src/cli/output.ts'
import { type ParityOptions, parityTable, type Size } from './parity/table.ts'

const { size, device, json } = new Command('parity')
  .description('largest relative error of every device on the golden crystals, and who ran the nodes')
  .addOption(
    new Option('--size <size>', 'committed weights, or full-size ones of the reference material')
      .choices(['tiny', 'full'])
      .default('tiny'),
  )
  .option('--device <text>', 'only devices whose name contains this', '')
  .option('--json', 'JSON lines on stdout')
  .parse()
  .opts<{ size: Size; device: string; json?: boolean }>()

const output = new Output(json ?? false)
const options: ParityOptions = { size, devices: (name) => name.includes(device) }
const { cells, absent, failed } = await parityTable(options, (message) => output.note(`… ${message}`))
for (const cell of cells) output.line({ ...cell })
output.table(
  ['network', 'device', 'crystals', 'largest relative error', 'of', 'allowed', 'nodes run by', ''],
  cells.map((c) => [
    c.network,
    c.device,
    c.crystals,
    c.error.toExponential(1),
    c.worst,
    c.tolerance.toExponential(0),
    Object.entries(c.nodes)
      .map(([provider, count]) => `${provider.replace('ExecutionProvider', '')} ${count}`)
      .join(', ') + (c.strays.length > 0 ? ` (on the CPU: ${c.strays.join(', ')})` : ''),
    c.passed ? 'passed' : 'FAILED',
  ]),
)
for (const { name, reason } of absent) output.note(`${name}: not run: ${reason}`)
for (const { name, reason } of failed) output.note(`${name}: FAILED: ${reason}`)
process.exitCode = failed.length === 0 && cells.every(({ passed }) => passed) ? 0 : 1
