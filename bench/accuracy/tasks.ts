// What is learned, from which data, with which settings: the rows of docs/accuracy.md. The seeds are fixed; the same
// number of threads gives the same figures.

import { preset, type TrainingOptionsInput } from '../../src/training/options.ts'

export interface AccuracyTask {
  readonly name: string
  /** File among the labelled crystals. */
  readonly data: string
  readonly target: string
  readonly unit: string
  readonly config: { readonly architecture: string } & Readonly<Record<string, unknown>>
  readonly options: TrainingOptionsInput
  /** The task from whose network this one starts: its run is made first. */
  readonly from?: string
  /** Networks whose mean prediction counts. */
  readonly members: number
  /** Cross-validation: so many folds that the members are dealt, and the validation error is of all crystals in them. */
  readonly folds?: number
  /** Test error to be reached, in `unit`. */
  readonly goal: number | null
}

/** The published network and optimiser; smaller batches and fewer epochs for six thousand crystals on a laptop. */
const SHORT = { ...preset('mp').options, batch_size: 64, radius: 8, seed: 1 }

const MEGNET = { data: 'mp_megnet_subset.jsonl.gz', members: 1 }
const FORMATION = { ...MEGNET, target: 'e_form', unit: 'eV/atom' }
/** For networks with the same budget. */
const COMPARED = { ...SHORT, epochs: 72, swa_epochs: 24 }

export const TASKS: readonly AccuracyTask[] = [
  {
    name: 'e_form',
    ...FORMATION,
    goal: 0.075,
    config: { architecture: 'crystalformer' },
    options: { ...SHORT, epochs: 120, swa_epochs: 24 },
  },
  {
    name: 'e_form-72',
    ...FORMATION,
    goal: null,
    config: { architecture: 'crystalformer' },
    options: COMPARED,
  },
  {
    name: 'e_form-72-crystalframer',
    ...FORMATION,
    goal: null,
    config: { architecture: 'crystalframer' },
    options: COMPARED,
  },
  {
    name: 'e_form-72-cgcnn',
    ...FORMATION,
    goal: null,
    config: { architecture: 'cgcnn' },
    // Its radius is a hyper-parameter, 6 Å.
    options: { ...COMPARED, radius: undefined },
  },
  {
    name: 'gap',
    ...{ ...MEGNET, target: 'gap_pbe', unit: 'eV', goal: 0.25 },
    config: { architecture: 'crystalformer' },
    options: { ...SHORT, epochs: 45, swa_epochs: 15 },
  },
  {
    name: 'exfoliation',
    data: 'jarvis_exfoliation.jsonl.gz',
    ...{ target: 'exfoliation_energy', unit: 'meV/atom', goal: 45 },
    // 731 crystals are too few to learn what an atom is, and too few to spare a tenth of them for validation.
    ...{ from: 'e_form', members: 10, folds: 5 },
    config: { architecture: 'crystalformer' },
    options: { ...SHORT, batch_size: 32, learning_rate: 3e-4, epochs: 20, swa_epochs: 10 },
  },
]

/** Tasks by their names, and those that they start from before them; all of them when no name is given. */
export function chosenTasks(names: readonly string[]): AccuracyTask[] {
  const wanted = new Set(names)
  for (const task of [...TASKS].reverse()) if (wanted.has(task.name) && task.from) wanted.add(task.from)
  return TASKS.filter(({ name }) => names.length === 0 || wanted.has(name))
}
