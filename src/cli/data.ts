// `data`: the commands for data sets. One file each.

import { Command } from 'commander'
import { dataCheckCommand } from './data-check.ts'
import { dataConvertCommand } from './data-convert.ts'
import { dataFetchCommand } from './data-fetch.ts'
import { dataGenerateCommand } from './data-generate.ts'
import { dataLabelCommand } from './data-label.ts'
import { dataSubstituteCommand } from './data-substitute.ts'

export function dataCommand(): Command {
  return new Command('data')
    .description(
      'data sets: check, convert, fetch public ones, generate the built-in one, make new crystals of known ones, label them',
    )
    .addCommand(dataCheckCommand())
    .addCommand(dataConvertCommand())
    .addCommand(dataFetchCommand())
    .addCommand(dataGenerateCommand())
    .addCommand(dataSubstituteCommand())
    .addCommand(dataLabelCommand())
}
