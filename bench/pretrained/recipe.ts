// What the models that come with the package are made of and how: data, seeds, networks, budgets. The same number of threads
// gives the same figures.

import type { PretrainedName } from '../../models/pretrained/addresses.ts'
import type { TargetScaling } from '../../src/data/scaling.ts'
import type { Packing } from '../../src/math/fewer-bits.ts'
import { preset, type TrainingOptionsInput } from '../../src/training/options.ts'

/** Labelled crystals, and what is learned of them. */
export const DATA = {
  file: 'mp_megnet_subset.jsonl.gz',
  energy: { name: 'e_form', unit: 'eV/atom' },
  gap: { name: 'gap_pbe', unit: 'eV' },
  /** 1 for crystals with a gap, 0 for metals; made of the gap */
  insulator: { name: 'insulator', unit: '1' },
} as const satisfies Record<string, string | Pick<TargetScaling, 'name' | 'unit'>>

/** Crystals of exchanged elements that the teacher labels: the first `count` of an endless row. */
export const LABELS = { count: 300_000, seed: 1, range: [-6, 3] } as const

/** How often the crystals of the data stand among those of the teacher. */
export const REPEATED = 4

export interface Stage {
  readonly config: { readonly architecture: string } & Readonly<Record<string, unknown>>
  readonly options: TrainingOptionsInput
  /** networks that differ in their seeds, and predict together; one unless said */
  readonly members?: number
}

/** The published network and optimiser, with smaller batches and a smaller radius. */
const BASE = { ...preset('mp').options, batch_size: 64, radius: 8, seed: 1 }
const FULL = { architecture: 'crystalformer' }
/** Half the features of the published network. */
const SMALL = { ...FULL, model_dim: 64, ff_dim: 256, head_num: 4, embedding_dim: [64] }

/** What is trained, one after the other. */
export const STAGES = {
  /** by the teacher, and on the crystals of the data */
  taught: { config: FULL, options: { ...BASE, epochs: 8, swa_epochs: 3 } },
  /** then on the crystals of the data alone */
  energy: { config: FULL, options: { ...BASE, learning_rate: 1e-4, epochs: 14, swa_epochs: 8 } },
  /** the same network without a teacher, to compare with */
  untaught: { config: FULL, options: { ...BASE, epochs: 40, swa_epochs: 12 } },
  gap: { config: FULL, options: { ...BASE, learning_rate: 3e-4, epochs: 30, swa_epochs: 10 }, members: 5 },
  taughtSmall: { config: SMALL, options: { ...BASE, epochs: 8, swa_epochs: 3 } },
  energySmall: { config: SMALL, options: { ...BASE, learning_rate: 1e-4, epochs: 14, swa_epochs: 8 } },
} as const satisfies Record<string, Stage>

/** How the weights of the files are kept: the small one is for pages, and the gap is five networks. */
export const PRECISIONS = {
  'formation-energy': 'float16',
  'formation-energy-small': 'int8',
  'band-gap': 'int8',
  untaught: 'float16',
} as const satisfies Record<PretrainedName | 'untaught', Packing>

export type StageName = keyof typeof STAGES
