// `<crystal-viewer>`: a crystal in three dimensions, with bonds, labels and coordination polyhedra on request.

import { reducedFormula } from '../crystal/formula.ts'
import { type Drawing, drawingOf } from '../viewer/compose.ts'
import { sceneKeys } from '../viewer/keys.ts'
import { picture } from '../viewer/picture.ts'
import { createScene, type Scene } from '../viewer/scene.ts'
import { element, fill } from './dom.ts'
import { legendOf } from './legend.ts'
import { StructureElement } from './structure-element.ts'
import { matchPage, styledShadow } from './style.ts'

/** Cells in a row. */
const MOST_CELLS = 8

/**
 * A crystal in 3D. Attributes: `src` (address of a structure file), `index` (which structure of the file, from 0), `cells`
 * (so many in a row, each way), `bonds`, `labels`, `polyhedra`. Properties: `structure`. Events: `crystal-pick`
 * (`detail.site`, from 0) when an atom is clicked, `crystal-error`.
 */
export class CrystalViewer extends StructureElement {
  /** Attributes whose changes are followed. */
  static readonly observedAttributes = ['src', 'index', 'cells', 'bonds', 'labels', 'polyhedra']
  #scene: Promise<Scene> | undefined
  #parts:
    | { readonly scene: HTMLElement; readonly legend: HTMLElement; readonly note: HTMLElement }
    | undefined

  readonly #recolour = () => void this.#draw()

  /** Called by the browser: the element is in a page. */
  override connectedCallback(): void {
    super.connectedCallback()
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', this.#recolour)
  }

  /** Called by the browser: the element was taken out. */
  override disconnectedCallback(): void {
    super.disconnectedCallback()
    matchMedia('(prefers-color-scheme: dark)').removeEventListener('change', this.#recolour)
    const scene = this.#scene
    this.#scene = undefined
    scene?.then(
      (view) => view.dispose(),
      () => {},
    )
  }

  /** What is in sight, as the data address of a PNG. @throws Error where nothing is drawn */
  async png(): Promise<string> {
    return (await this.#view()).png()
  }

  /** The crystal as it is turned, as the text of an SVG picture. @throws Error where nothing is drawn */
  async svg(): Promise<string> {
    const view = await this.#view()
    return picture(this.#drawing()!.crystal, view.turn())
  }

  protected override showStructure(): void {
    void this.#draw()
  }

  protected override changed(): void {
    void this.#draw()
  }

  protected override showError(error: Error): void {
    fill(this.#ready().note, element('p', { class: 'error' }, error.message))
  }

  #ready() {
    if (this.#parts) return this.#parts
    const scene = element('div', { class: 'scene', part: 'scene', role: 'application' })
    const legend = element('ul', { class: 'legend', part: 'legend' })
    const note = element('div', { class: 'quiet', part: 'note', role: 'status' })
    styledShadow(this, 'viewer').append(element('figure', {}, scene, legend, note))
    sceneKeys(scene, () => this.#scene)
    this.#parts = { scene, legend, note }
    return this.#parts
  }

  async #draw(): Promise<void> {
    const { scene, legend, note } = this.#ready()
    const { structure } = this
    const drawing = this.#drawing()
    matchPage(this.shadowRoot!)
    fill(legend, ...(structure ? legendOf(structure) : []))
    fill(note, drawing?.notes.join(' '))
    const of = structure ? ` of ${reducedFormula(structure)}` : ''
    scene.setAttribute('aria-label', `3D view${of}. Arrow keys turn it, plus and minus zoom, zero resets.`)
    if (!structure && !this.#scene) return
    this.#scene ??= createScene(scene, ({ site }) => this.tell('crystal-pick', { site }))
    try {
      const view = await this.#scene
      // What came later draws itself.
      if (structure === this.structure) view.draw(drawing?.crystal, undefined)
    } catch (cause) {
      this.#scene = undefined
      this.fail(new Error(`no 3D view: ${(cause as Error).message}`, { cause }))
    }
  }

  #drawing(): Drawing | undefined {
    const { structure } = this
    if (!structure) return undefined
    const cells = Math.round(Number(this.getAttribute('cells') ?? 1))
    return drawingOf(structure, {
      cells: cells >= 1 ? Math.min(MOST_CELLS, cells) : 1,
      bonds: this.hasAttribute('bonds'),
      labels: this.hasAttribute('labels'),
      polyhedra: this.hasAttribute('polyhedra'),
    })
  }

  #view(): Promise<Scene> {
    if (!this.#scene || !this.structure) throw new Error('crystal-viewer shows no structure yet')
    return this.#scene
  }
}
