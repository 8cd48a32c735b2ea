// The models that the page comes with, and where any model comes from.

import { bandGap, formationEnergy, knownPhases } from '../../models/pretrained/addresses.ts'

/** A model of the page's own, one that a server runs, or a file of the user. */
export type ModelSource =
  | {
      readonly kind: 'bundled'
      readonly name: string
      readonly url: URL
      /** known phases with energies of the same kind, for models of formation energies */
      readonly references?: URL
    }
  | {
      readonly kind: 'served'
      readonly name: string
      /** of the server */
      readonly url: URL
      /** its name there; the only one that is ready without */
      readonly model?: string
      /** of the user, for this server; nowhere but in memory */
      readonly apiKey?: string
    }
  | { readonly kind: 'file'; readonly name: string; readonly file: File }

/** What tells models apart: the address of one of the page's own, which names its content, a server and the name there, or name and size of a file. */
export function modelKey(source: ModelSource): string {
  if (source.kind === 'file') return `${source.name} ${source.file.size}`
  return source.kind === 'served' ? `${source.url.href} ${source.model ?? ''}` : source.url.href
}

function demonstration(name: string, file: string): ModelSource {
  return {
    kind: 'bundled',
    name: `Demonstration: ${name}`,
    url: new URL(`models/${file}`, document.baseURI),
  }
}

/** Those of the package (`npm run models`), and demonstrations (`npm run web:model`). The first one is opened with the page. */
export const BUNDLED: readonly ModelSource[] = [
  { kind: 'bundled', name: 'Formation energy', url: formationEnergy, references: knownPhases },
  { kind: 'bundled', name: 'Band gap', url: bandGap },
  demonstration('Crystalformer, lattice energy', 'ionic-crystalformer.onnx'),
  demonstration('CrystalFramer, lattice energy', 'ionic-crystalframer.onnx'),
]
