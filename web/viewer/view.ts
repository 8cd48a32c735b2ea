// The view of the crystal that is looked at: its 3D scene, what is drawn in it, the attention over it, and its controls.

import { element, fill } from '../../src/components/dom.ts'
import { failureOf } from '../../src/components/failure.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { type Drawing, drawingOf } from '../../src/viewer/compose.ts'
import type { DrawnAtom } from '../../src/viewer/expand.ts'
import { sceneKeys } from '../../src/viewer/keys.ts'
import { clicked, measured } from '../../src/viewer/measure.ts'
import { picture } from '../../src/viewer/picture.ts'
import { createScene, type Scene } from '../../src/viewer/scene.ts'
import { part } from '../part.ts'
import { download } from '../results/export.ts'
import { type PageStore, selectedEntry } from '../state.ts'
import { drawnAttention, drawnImage } from './attended.ts'

export function crystalView(store: PageStore): void {
  const container = part('scene')
  const cells = part<HTMLSelectElement>('cells')
  const switches = {
    bonds: part<HTMLInputElement>('show-bonds'),
    labels: part<HTMLInputElement>('show-labels'),
    polyhedra: part<HTMLInputElement>('show-polyhedra'),
  }
  const measure = part<HTMLInputElement>('measure')
  let scene: Promise<Scene> | undefined
  let picked: DrawnAtom[] = []
  let last: { structure: Structure; key: string; drawing: Drawing } | undefined
  let drawn: readonly unknown[] = []

  store.watch(['selected', 'crystals', 'attending', 'atom', 'block', 'head'], () => void draw())
  for (const control of [cells, ...Object.values(switches)])
    control.addEventListener('change', () => void draw())
  store.watch(['pointed'], async ({ pointed, attending, atom }) => {
    const view = await scene?.catch(() => undefined)
    if (!attending || 'failure' in attending || atom === undefined) return view?.point(undefined)
    view?.point(pointed && drawnImage(attending.structure, atom, pointed, 1))
  })
  part('reset-view').addEventListener('click', async () => (await scene)?.reset())
  sceneKeys(container, () => scene)

  measure.addEventListener('change', () => void setMeasured([]))
  store.watch(['selected'], () => void setMeasured([]))
  part('save-png').addEventListener('click', async () => {
    const view = await scene
    if (view) download(fileName('png'), await (await fetch(view.png())).blob())
  })
  part('save-svg').addEventListener('click', async () => {
    const structure = selectedEntry(store.state)?.structure
    if (!structure) return
    const view = await scene?.catch(() => undefined)
    const turn = view?.turn() ?? [0, 0, 0, 1]
    download(
      fileName('svg'),
      new Blob([picture(drawing(structure).crystal, turn)], { type: 'image/svg+xml' }),
    )
  })
  const fileName = (ending: string) => `${part('crystal-title').textContent?.trim() || 'crystal'}.${ending}`

  async function setMeasured(atoms: DrawnAtom[]): Promise<void> {
    const before = picked
    picked = measure.checked ? atoms : []
    part('measured').textContent = measure.checked ? measured(picked) : ''
    if (before.length + picked.length > 0) (await scene?.catch(() => undefined))?.measure(picked)
  }

  function pick(atom: DrawnAtom): void {
    if (measure.checked) return void setMeasured(clicked(picked, atom))
    store.update({ atom: store.state.atom === atom.site ? undefined : atom.site, pointed: undefined })
  }

  async function draw(): Promise<void> {
    const state = store.state
    const structure = selectedEntry(state)?.structure
    if (!scene && !structure) return
    const { attending, atom, block, head } = state
    const now = [structure, keyOf(), attending, atom, block, head]
    if (now.every((value, n) => value === drawn[n])) return
    drawn = now
    scene ??= createScene(container, pick)
    try {
      const view = await scene
      // What came later draws itself.
      if (now !== drawn) return
      const shown = structure && drawing(structure)
      view.draw(shown?.crystal, drawnAttention(state))
      part('scene-note').textContent = shown?.notes.join(' ') ?? ''
      part('scene-note').hidden = !shown || shown.notes.length === 0
    } catch (error) {
      const why = failureOf(error).message
      fill(container, element('p', { class: 'quiet' }, `No 3D view: ${why}.`))
    }
  }

  function keyOf(): string {
    return [cells.value, ...Object.values(switches).map(({ checked }) => checked)].join()
  }

  /** What is drawn of a structure, the same object as long as it is the same. */
  function drawing(structure: Structure): Drawing {
    const key = keyOf()
    if (last?.structure !== structure || last.key !== key) {
      const wanted = {
        cells: Number(cells.value),
        bonds: switches.bonds.checked,
        labels: switches.labels.checked,
        polyhedra: switches.polyhedra.checked,
      }
      last = { structure, key, drawing: drawingOf(structure, wanted) }
    }
    return last.drawing
  }
}
