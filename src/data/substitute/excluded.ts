// Chemical systems that no crystal may be of, from a file: those of a data set, or a list with a system a line (Na-Cl).

import { chemicalSystem, parseSystem } from '../../crystal/chemical-system.ts'
import { DatasetError } from '../../errors.ts'
import { readDataset } from '../dataset.ts'
import { isFolder } from '../formats/folder.ts'
import { readLines } from '../lines.ts'

/** @throws DatasetError for a line of a list that names no system; as readDataset for a data set */
export async function readSystems(path: string): Promise<ReadonlySet<string>> {
  return (await isList(path)) ? listed(path) : ofDataset(path)
}

/** Whether the first line that is not empty names a system. */
async function isList(path: string): Promise<boolean> {
  if (await isFolder(path)) return false
  for await (const { text } of readLines(path)) {
    if (text.trim() !== '') return parseSystem(text.trim()) !== undefined
  }
  return false
}

async function listed(path: string): Promise<Set<string>> {
  const systems = new Set<string>()
  for await (const { text, number } of readLines(path)) {
    if (text.trim() === '') continue
    const system = parseSystem(text.trim())
    if (system === undefined) {
      const found = JSON.stringify(text.trim().slice(0, 40))
      throw new DatasetError(
        `${path}, line ${number}: ${found} is no chemical system, expected one such as Na-Cl`,
      )
    }
    systems.add(system)
  }
  return systems
}

async function ofDataset(path: string): Promise<Set<string>> {
  const systems = new Set<string>()
  for await (const { structure } of readDataset(path)) systems.add(chemicalSystem(structure))
  return systems
}
