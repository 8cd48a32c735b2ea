// The models that the page comes with, and where any model comes from.

/** A model of the page's own, or a file of the user. */
export type ModelSource =
  | { readonly kind: 'bundled'; readonly name: string; readonly url: URL }
  | { readonly kind: 'file'; readonly name: string; readonly file: File }

function bundled(name: string, file: string): ModelSource {
  return { kind: 'bundled', name, url: new URL(`models/${file}`, document.baseURI) }
}

/** Made by `npm run web:model`. The first one is opened with the page. */
export const BUNDLED: readonly ModelSource[] = [
  bundled('Demonstration: Crystalformer, lattice energy', 'ionic-crystalformer.onnx'),
  bundled('Demonstration: CrystalFramer, lattice energy', 'ionic-crystalframer.onnx'),
]
