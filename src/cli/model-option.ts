// The option `--model` of commands that predict: a file, or a model that comes with the package, of which one is the default.

import { type Command, Option } from 'commander'
import type { PretrainedName } from '../../models/pretrained/addresses.ts'
import type { Output } from './output.ts'

const DEFAULT: PretrainedName = 'formation-energy'

export function modelOption(): Option {
  return new Option(
    '-m, --model <file>',
    'an .onnx file written by export, or the name of one of the models that come with the package (crystal-onnx models)',
  ).default(DEFAULT)
}

/** Says which model predicts where nobody chose one. */
export function remarkDefault(command: Command, output: Output): void {
  if (command.getOptionValueSource('model') !== 'default') return
  output.note(`model: ${DEFAULT}, which comes with the package (--model FILE for another one)`)
}
