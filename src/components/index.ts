/**
 * Custom elements for pages of any kind: `<crystal-prediction>` and `<crystal-viewer>`. Importing this module defines them;
 * where there is no DOM, on a server that renders, it does nothing.
 *
 * @module crystal-onnx/components
 */

import { CrystalPrediction } from './prediction-element.ts'
import { CrystalViewer } from './viewer-element.ts'

declare global {
  interface HTMLElementTagNameMap {
    'crystal-prediction': CrystalPrediction
    'crystal-viewer': CrystalViewer
  }
}

const ELEMENTS = { 'crystal-prediction': CrystalPrediction, 'crystal-viewer': CrystalViewer } as const

for (const [name, element] of Object.entries(ELEMENTS)) {
  if (globalThis.customElements && !customElements.get(name)) customElements.define(name, element)
}

export type { Structure, StructureInput } from '../crystal/structure.ts'
export { CrystalPrediction, CrystalViewer }
