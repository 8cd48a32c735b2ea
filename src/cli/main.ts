#!/usr/bin/env node
// The command line: `crystal-onnx <command>`. One file a command; this file only joins them and turns what is thrown
// into an exit code. docs/cli.md is the contract that scripts rely on.

import { Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { InterruptedError } from '../errors.ts'
import { withMissingPackage } from '../missing-package.ts'
import { VERSION } from '../version.ts'
import { convertCommand } from './convert.ts'
import { dataCommand } from './data.ts'
import { doctorCommand } from './doctor.ts'
import { embedCommand } from './embed.ts'
import { evaluateCommand } from './evaluate.ts'
import { EXIT } from './exit.ts'
import { exportCommand } from './export.ts'
import { hullCommand } from './hull.ts'
import { importCommand } from './import.ts'
import { inspectCommand } from './inspect.ts'
import { modelsCommand } from './models.ts'
import { errorLine } from './output.ts'
import { predictCommand } from './predict.ts'
import { queryCommand } from './query.ts'
import { screenCommand } from './screen.ts'
import { serveCommand } from './serve.ts'
import { endOnSignals, interruptedCode } from './signals.ts'
import { stderr, stdout } from './standard-streams.ts'
import { structureCommand } from './structure.ts'
import { trainCommand } from './train.ts'
import { verifyCommand } from './verify.ts'

endOnSignals()
// Yarn Plug'n'Play throws what a package has not declared where nothing can catch it.
process.on('uncaughtException', (error) => process.exit(report(error)))
// Packages of others: a user of the command line can do nothing about them, and Deno prints those that Node keeps to itself.
process.noDeprecation = true

const program = new Command('crystal-onnx')
  .description('Train crystal networks in TensorFlow.js, export them to ONNX, run them with onnxruntime.')
  .version(VERSION)
  .showHelpAfterError('(crystal-onnx <command> --help shows examples)')
  .addHelpText(
    'after',
    `
Exit codes: 0 all done, 1 failed, 2 wrong usage, 3 some inputs failed, 130, 143, 129 ended by SIGINT, SIGTERM, SIGHUP.
Every command takes --json: JSON lines on stdout, progress and warnings on stderr.`,
  )

for (const command of [
  structureCommand,
  dataCommand,
  trainCommand,
  exportCommand,
  importCommand,
  convertCommand,
  verifyCommand,
  predictCommand,
  screenCommand,
  queryCommand,
  embedCommand,
  inspectCommand,
  modelsCommand,
  evaluateCommand,
  hullCommand,
  serveCommand,
  doctorCommand,
]) {
  program.addCommand(command())
}
configure(program)
program.hook('preAction', (_, command) => refuseEmpty(command))

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

/** Commander exits by itself otherwise, with 1 where our contract says 2. */
function configure(command: Command): void {
  command.exitOverride()
  command.configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
  })
  for (const child of command.commands) configure(child)
}

/** An empty value comes of a variable that is not set, and would be taken for a name or for 0. */
function refuseEmpty(command: Command): void {
  for (const option of command.options) {
    const values = [command.opts()[option.attributeName()]].flat()
    if (values.includes('')) command.error(`error: option '${option.flags}' is empty`)
  }
  if (command.args.includes('')) command.error('error: an argument is empty')
}

function report(thrown: unknown): number {
  const error = withMissingPackage(thrown)
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (stdout.isClosedBy(error)) return EXIT.ok
  if (stdout.hasSaid(error)) return EXIT.failed
  const line = errorLine(error)
  if (process.argv.includes('--json')) stdout.write(`${JSON.stringify({ error: line })}\n`)
  stderr.write(`${pc.red('error')} ${line.message}\n`)
  return error instanceof InterruptedError ? interruptedCode() : EXIT.failed
}
