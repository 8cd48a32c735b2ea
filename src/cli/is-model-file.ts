// Finished files and runs stand in the same place of a command.

import { extname } from 'node:path'
import { isPretrained } from '../../models/pretrained/addresses.ts'

/** Whether something is a finished file, not a run folder or weights. */
export function isModelFile(from: string): boolean {
  return extname(from).toLowerCase() === '.onnx' || isPretrained(from)
}
