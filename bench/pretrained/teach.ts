// What the networks are taught with: crystals of exchanged elements with a teacher's labels, and the crystals of the data.

import { basename, dirname, join } from 'node:path'
import type { Crystals } from '../../src/data/crystals.ts'
import { loadDataset, readDataset, writeDataset } from '../../src/data/dataset.ts'
import { labelDataset } from '../../src/data/label/label.ts'
import { type LabelledCrystal, labelledCrystal } from '../../src/data/labelled.ts'
import { openDataset } from '../../src/data/open-dataset.ts'
import { substituteElements } from '../../src/data/substitute/substitute.ts'
import { exists } from '../../src/training/standing.ts'
import { DATA, LABELS, REPEATED } from './recipe.ts'

/** How crystals are labelled. */
export interface Labelling {
  /** The teacher, as a line for the shell. */
  readonly command: string
  /** Its processes side by side. */
  readonly workers: number
  /** How many crystals. */
  readonly count: number
  /** Told of every crystal that is asked about. */
  readonly onAnswer: (answered: number) => void
}

/**
 * The data set with the labels, made where it is not there yet; a labelling that was interrupted goes on.
 * @returns its file
 */
export async function labelled(data: string, folder: string, labelling: Labelling): Promise<string> {
  const { command, workers, count, onAnswer } = labelling
  const made = join(folder, `substituted-${count}.jsonl.gz`)
  const file = join(folder, `labelled-${count}.jsonl.gz`)
  if (await exists(file)) return file
  if (!(await exists(made))) {
    const crystals = await loadDataset(data)
    await writeDataset(made, substituted(crystals, count))
  }
  await labelDataset(made, file, {
    ...{ command, workers, range: LABELS.range, references: data },
    ...{ target: DATA.energy.name, unit: DATA.energy.unit, onAnswer },
  })
  return file
}

async function* substituted(crystals: readonly LabelledCrystal[], count: number) {
  yield* substituteElements(crystals, { count, seed: LABELS.seed })
}

/**
 * What is taught, as a file beside the labels: too much for memory to keep it prepared.
 * @returns its crystals, and how many of them the teacher labelled
 */
export async function taughtCrystals(
  data: string,
  labels: string,
): Promise<{ readonly crystals: Crystals; readonly answers: number }> {
  const file = join(dirname(labels), `taught-${basename(labels)}`)
  if (!(await exists(file))) await writeDataset(file, await joinedCrystals(data, labels))
  const crystals = await openDataset([file], { target: DATA.energy.name })
  let answers = 0
  for await (const { source } of readDataset(file, { target: DATA.energy.name })) if (source) answers++
  return { crystals, answers }
}

/** The crystals of both: those of the data keep their splits, and of them those to learn from stand there several times. */
async function joinedCrystals(data: string, labels: string): Promise<LabelledCrystal[]> {
  const { name } = DATA.energy
  const crystals = await loadDataset(data, { target: name })
  const again = Array.from({ length: REPEATED - 1 }, (_, n) =>
    crystals
      .filter(({ split }) => split === 'train')
      .map((crystal) => withId(crystal, `${crystal.id} (${n + 2})`)),
  )
  const taught: LabelledCrystal[] = []
  for await (const crystal of readDataset(labels, { target: name })) taught.push(crystal)
  return [...crystals, ...again.flat(), ...taught]
}

function withId({ structure, split, targets }: LabelledCrystal, id: string): LabelledCrystal {
  return labelledCrystal({ id, structure, split, targets: Object.entries(targets) })
}

/** The crystals of the data with gaps, told apart by whether there is one. */
export async function gapCrystals(data: string): Promise<LabelledCrystal[]> {
  const crystals = await loadDataset(data, { target: DATA.gap.name })
  return crystals.map(({ id, structure, split, targets }) => {
    const gap = targets[DATA.gap.name]
    return labelledCrystal({
      ...{ id, structure, split },
      targets: [
        [DATA.gap.name, gap],
        [DATA.insulator.name, gap > 0 ? 1 : 0],
      ],
    })
  })
}
