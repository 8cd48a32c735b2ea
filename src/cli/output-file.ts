// The output of a command (-o, --html), looked at before the work begins.

import { existsSync, statSync } from 'node:fs'
import { OutputError } from '../errors.ts'
import { checkOutput } from '../files.ts'
import { stdout } from './standard-streams.ts'

/**
 * @param inputs what the command reads; undefined stands for an option that was not given
 * @throws OutputError for an output that cannot be written, or is one of the inputs
 */
export async function checkOutputFile(
  path: string,
  inputs: readonly (string | undefined)[] = [],
): Promise<void> {
  const target = await checkOutput(
    path,
    inputs.filter((input) => input !== undefined),
  )
  if (target.kind === 'descriptor' && target.descriptor === 1) stdout.leaveToFile()
}

/** The same for the files that training writes into a folder that is there already. */
export async function checkRunFolder(folder: string, inputs: readonly (string | undefined)[]): Promise<void> {
  const { runPaths } = await import('../training/run-folder.ts')
  const { checkpoint: _, ...files } = runPaths(folder)
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new OutputError(`${folder}: is a file and no folder; give the run a folder of its own`)
  }
  if (existsSync(folder)) for (const file of Object.values(files)) await checkOutputFile(file, inputs)
}
