// `npm run bench [-- COMMAND] [-- --json]`: what the README's figures come from. Every time stands beside a yardstick that ran
// in the same process or minute. Without a command it is `inference`.

import { Command } from 'commander'
import { agreementCommand } from './commands/agreement.ts'
import { cellsCommand } from './commands/cells.ts'
import { coresCommand } from './commands/cores.ts'
import { crystalframerCommand } from './commands/crystalframer.ts'
import { enginesCommand } from './commands/engines.ts'
import { ensembleCommand } from './commands/ensemble.ts'
import { exporterCommand } from './commands/exporter.ts'
import { growthCommand } from './commands/growth.ts'
import { idleCommand } from './commands/idle.ts'
import { inferenceCommand } from './commands/inference.ts'
import { memoryCommand } from './commands/memory.ts'
import { networksCommand } from './commands/networks.ts'
import { peersCommand } from './commands/peers.ts'
import { raggedCommand } from './commands/ragged.ts'
import { readersCommand } from './commands/readers.ts'
import { rewritingCommand } from './commands/rewriting.ts'
import { screeningCommand } from './commands/screening.ts'
import { sealCommand } from './commands/seal.ts'
import { servingCommand } from './commands/serving.ts'
import { symmetryCommand } from './commands/symmetry.ts'
import { trainingCommand } from './commands/train.ts'

const bench = new Command('bench').description('measure; --json prints one JSON object on stdout')
bench.addCommand(inferenceCommand, { isDefault: true })
for (const command of [
  agreementCommand,
  cellsCommand,
  coresCommand,
  crystalframerCommand,
  enginesCommand,
  ensembleCommand,
  exporterCommand,
  growthCommand,
  idleCommand,
  memoryCommand,
  networksCommand,
  peersCommand,
  raggedCommand,
  readersCommand,
  rewritingCommand,
  screeningCommand,
  sealCommand,
  servingCommand,
  symmetryCommand,
  trainingCommand,
])
  bench.addCommand(command)
await bench.parseAsync()
