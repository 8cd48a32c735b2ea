#!/usr/bin/env node
// The command line: `crystal-onnx <command>`. One file a command; this file only joins them and turns what is thrown
// into an exit code. docs/cli.md is the contract that scripts rely on.

import { Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { VERSION } from '../version.ts'
import { dataCommand } from './data.ts'
import { doctorCommand } from './doctor.ts'
import { embedCommand } from './embed.ts'
import { evaluateCommand } from './evaluate.ts'
import { exportCommand } from './export.ts'
import { importCommand } from './import.ts'
import { inspectCommand } from './inspect.ts'
import { EXIT, errorLine } from './output.ts'
import { predictCommand } from './predict.ts'
import { structureCommand } from './structure.ts'
import { trainCommand } from './train.ts'
import { verifyCommand } from './verify.ts'

const program = new Command('crystal-onnx')
  .description('Train crystal networks in TensorFlow.js, export them to ONNX, run them with onnxruntime.')
  .version(VERSION)
  .showHelpAfterError('(crystal-onnx <command> --help shows examples)')
  .addHelpText(
    'after',
    `
Exit codes: 0 all done, 1 failed, 2 wrong usage, 3 some inputs failed.
Every command takes --json: JSON lines on stdout, progress and warnings on stderr.`,
  )

for (const command of [
  structureCommand,
  dataCommand,
  trainCommand,
  exportCommand,
  importCommand,
  verifyCommand,
  predictCommand,
  embedCommand,
  inspectCommand,
  evaluateCommand,
  doctorCommand,
]) {
  program.addCommand(command())
}
exitOverride(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

/** Commander exits by itself otherwise, with 1 where our contract says 2. */
function exitOverride(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) exitOverride(child)
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const line = errorLine(error)
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: line })}\n`)
  process.stderr.write(`${pc.red('error')} ${line.message}\n`)
  return EXIT.failed
}
