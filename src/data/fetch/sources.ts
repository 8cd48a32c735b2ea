// The public data sets that `data fetch` knows: where they lie, what they hold, whose they are, and the checksums that
// stand with them. A new one is a row here.

import { ConfigError } from '../../errors.ts'
import type { Split } from '../labelled.ts'
import type { Checksum } from './download.ts'

export interface SourceFile {
  readonly url: string
  /** Its name on disk. */
  readonly name: string
  /** As published, where they are. */
  readonly bytes?: number
  readonly checksum?: Checksum
  /** The split that all its crystals belong to. */
  readonly split?: Split
}

export interface Source {
  /** What it is fetched by. */
  readonly name: string
  readonly title: string
  /** Crystals as published. */
  readonly crystals: number
  /** The targets that are kept, by their published names, with units. */
  readonly targets: Readonly<Record<string, string>>
  readonly licence: string
  readonly citation: string
  /** The page that describes it. */
  readonly page: string
  readonly files: readonly SourceFile[]
  readonly structureField?: string
  readonly idField?: string
  /** The published id of a row, from 1, where the file has none. */
  readonly idOfRow?: (row: number) => string
}

const JARVIS_DFT = {
  licence: 'CC BY 4.0',
  citation: 'Choudhary et al., npj Comput. Mater. 6, 173 (2020)',
  page: 'https://doi.org/10.6084/m9.figshare.6815699',
  idField: 'jid',
  structureField: 'atoms',
}

const JARVIS_TARGETS = {
  formation_energy_peratom: 'eV/atom',
  optb88vdw_total_energy: 'eV/atom',
  ehull: 'eV/atom',
  optb88vdw_bandgap: 'eV',
  mbj_bandgap: 'eV',
  bulk_modulus_kv: 'GPa',
  shear_modulus_gv: 'GPa',
}

const JARVIS_2022: SourceFile = {
  url: 'https://ndownloader.figshare.com/files/38521619',
  name: 'jdft_3d-12-12-2022.json.zip',
  bytes: 40_811_489,
  checksum: { algorithm: 'md5', hex: 'fb3e1eb80339a70ff313af1c644c1777' },
}

const MATERIALS_PROJECT = 'CC BY 4.0 (Materials Project)'

/** The three files of a set of the CDVAE repository, at a fixed commit. */
function cdvae(folder: string, checksums: Partial<Record<Split, string>> = {}): SourceFile[] {
  const root = 'https://raw.githubusercontent.com/txie-93/cdvae/f857f598d6f6cca5dc1ea0582d228f12dcc2c2ea/data'
  return (['train', 'val', 'test'] as const).map((split) => {
    const hex = checksums[split]
    return {
      url: `${root}/${folder}/${split}.csv`,
      name: `${folder}-${split}.csv`,
      split,
      ...(hex && { checksum: { algorithm: 'sha256', hex } }),
    }
  })
}

const CDVAE = {
  page: 'https://github.com/txie-93/cdvae/tree/main/data',
  idField: 'material_id',
  structureField: 'cif',
}

/** A task of matbench v0.1 with crystals. Its rows have no ids; `mb-<task>-<row>` is what the benchmark calls them. */
function matbench(
  task: string,
  title: string,
  crystals: number,
  targets: Record<string, string>,
  sha256: string,
): Source {
  const digits = String(crystals).length
  return {
    name: `matbench_${task}`,
    title: `matbench v0.1, ${title}`,
    crystals,
    targets,
    licence: 'MIT (matbench); the data as stated by its authors',
    citation: 'Dunn et al., npj Comput. Mater. 6, 138 (2020)',
    page: 'https://matbench.materialsproject.org',
    structureField: 'structure',
    idOfRow: (row) => `mb-${task.replaceAll('_', '-')}-${String(row).padStart(digits, '0')}`,
    files: [
      {
        url: `https://ml.materialsproject.org/projects/matbench_${task}.json.gz`,
        name: `matbench_${task}.json.gz`,
        checksum: { algorithm: 'sha256', hex: sha256 },
      },
    ],
  }
}

export const SOURCES: readonly Source[] = [
  {
    name: 'jarvis-dft3d',
    title: 'JARVIS-DFT, 3D crystals, release of 2022-12-12',
    crystals: 75_993,
    targets: JARVIS_TARGETS,
    ...JARVIS_DFT,
    files: [JARVIS_2022],
  },
  {
    name: 'jarvis-dft3d-2021',
    title: 'JARVIS-DFT, 3D crystals, release of 2021-08-18, on which the papers report (11 ids occur twice)',
    crystals: 55_723,
    targets: JARVIS_TARGETS,
    ...JARVIS_DFT,
    files: [{ url: 'https://ndownloader.figshare.com/files/29204826', name: 'jdft_3d-8-18-2021.json.zip' }],
  },
  {
    name: 'jarvis-exfoliation',
    title: 'JARVIS-DFT, exfoliation energies of layered crystals, release of 2022-12-12',
    crystals: 800,
    targets: { exfoliation_energy: 'meV/atom' },
    ...JARVIS_DFT,
    files: [JARVIS_2022],
  },
  {
    name: 'megnet',
    title: 'Materials Project as of 2018-06-01, by the authors of MEGNet',
    crystals: 69_239,
    targets: { formation_energy_per_atom: 'eV/atom', band_gap: 'eV' },
    licence: MATERIALS_PROJECT,
    citation: 'Chen et al., Chem. Mater. 31, 3564 (2019)',
    page: 'https://doi.org/10.6084/m9.figshare.7451351',
    idField: 'material_id',
    structureField: 'structure',
    files: [{ url: 'https://ndownloader.figshare.com/files/15087992', name: 'mp.2018.6.1.json.zip' }],
  },
  {
    name: 'jarvis-megnet',
    title: 'the MEGNet set as distributed by JARVIS, on which the papers report',
    crystals: 69_239,
    targets: { e_form: 'eV/atom', 'gap pbe': 'eV' },
    licence: MATERIALS_PROJECT,
    citation: 'Chen et al., Chem. Mater. 31, 3564 (2019)',
    page: 'https://doi.org/10.6084/m9.figshare.14177630',
    idField: 'id',
    structureField: 'atoms',
    files: [{ url: 'https://ndownloader.figshare.com/files/26724977', name: 'megnet.json.zip' }],
  },
  {
    name: 'perov-5',
    title: 'perovskites of 5 atoms, with the split of CDVAE; energies are per cell of 5 atoms',
    crystals: 18_928,
    targets: { heat_all: 'eV/cell', heat_ref: 'eV/cell', dir_gap: 'eV', ind_gap: 'eV' },
    licence: 'MIT (CDVAE repository)',
    citation: 'Castelli et al., Energy Environ. Sci. 5, 5814 and 9034 (2012); Xie et al., ICLR 2022',
    ...CDVAE,
    files: cdvae('perov_5'),
  },
  {
    name: 'carbon-24',
    title: 'carbon structures of random searches at 10 GPa, with the split of CDVAE',
    crystals: 10_153,
    targets: { energy_per_atom: 'eV/atom' },
    licence: 'MIT (CDVAE repository)',
    citation: 'Pickard, Materials Cloud 2020.0026/v1 (2020); Xie et al., ICLR 2022',
    ...CDVAE,
    files: cdvae('carbon_24'),
  },
  {
    name: 'mp-20',
    title: 'Materials Project crystals of up to 20 atoms, with the split of CDVAE',
    crystals: 45_229,
    targets: { formation_energy_per_atom: 'eV/atom', band_gap: 'eV', e_above_hull: 'eV/atom' },
    licence: MATERIALS_PROJECT,
    citation: 'Jain et al., APL Mater. 1, 011002 (2013); Xie et al., ICLR 2022',
    ...CDVAE,
    files: cdvae('mp_20', {
      train: '133bab58dba02d316f9f91174839f17802dce648be4e8659d1a42b32b97fa01d',
      val: '7b5f4085464b3eac9fd2123acee97ec372214004ce7e983b535b33395abc3e29',
      test: 'dd605c7543cf95a13e150aed630d0915e74edc8dea17e85301ee6fbfeb7f500a',
    }),
  },
  matbench(
    'dielectric',
    'refractive index',
    4764,
    { n: '1' },
    '83befa09bc2ec2f4b6143afc413157827a90e5e2e42c1eb507ccfa01bf26a1d6',
  ),
  matbench(
    'jdft2d',
    'exfoliation energy',
    636,
    { exfoliation_en: 'meV/atom' },
    '26057dc4524e193e32abffb296ce819b58b6e11d1278cae329a2f97817a4eddf',
  ),
  matbench(
    'log_gvrh',
    'shear modulus',
    10_987,
    { 'log10(G_VRH)': 'log10(GPa)' },
    '098af941f4c663270f1fe21abf20ffad6fb85ecbfcba5786ceac03983ac29da7',
  ),
  matbench(
    'log_kvrh',
    'bulk modulus',
    10_987,
    { 'log10(K_VRH)': 'log10(GPa)' },
    '44b113ddb7e23aa18731a62c74afa7e5aa654199e0db5f951c8248a00955c9cd',
  ),
  matbench(
    'mp_e_form',
    'formation energy',
    132_752,
    { e_form: 'eV/atom' },
    'dedcb1d4ba2e3e50dbdd45ba5bc647a00e9c2bcf8f8bf556dc8e92caa39eb21f',
  ),
  matbench(
    'mp_gap',
    'band gap',
    106_113,
    { 'gap pbe': 'eV' },
    '58b65746bd88329986ed66031a2ac1369c7c522f7bc9f9081528e07097c2c057',
  ),
  matbench(
    'mp_is_metal',
    'metal or not',
    106_113,
    { is_metal: '1' },
    '9a028ed5750a4c76ca36e9f3c8d48fe0bf3fb21b76ec2289e58ae7048d527919',
  ),
  matbench(
    'perovskites',
    'formation energy of perovskites, per cell of 5 atoms',
    18_928,
    { e_form: 'eV/cell' },
    '4641e2417f8ec8b50096d2230864468dfa08278dc9d257c327f65d0305278483',
  ),
  matbench(
    'phonons',
    'frequency of the last peak of the phonon density of states',
    1265,
    { 'last phdos peak': '1/cm' },
    '4db551f21ec5f577e6202725f10e34dfc509aa7df3a6bdaac497da7f6dbbb9b3',
  ),
]

/** The source of that name, which is one of those in SOURCES. */
export function sourceNamed(name: string): Source {
  const source = SOURCES.find((known) => known.name === name)
  if (source !== undefined) return source
  const names = SOURCES.map((known) => known.name).join(', ')
  throw new ConfigError(`no public data set "${name}" is known; known are: ${names}`)
}
