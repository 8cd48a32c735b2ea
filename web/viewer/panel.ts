// The view of the crystal that is looked at: what it is, its 3D scene, and the attention over it.

import { strongestImages } from '../../runtimes/attention.ts'
import { latticeParameters, volume } from '../../src/crystal/cell.ts'
import { reducedFormula } from '../../src/crystal/formula.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import type { Vec3 } from '../../src/math/vectors.ts'
import { element, fill, part } from '../dom.ts'
import { failureOf } from '../failure.ts'
import { LIMITS } from '../intake/limits.ts'
import { type PageState, type PageStore, selectedEntry } from '../state.ts'
import { bonds, type DrawnAtom, expand, mainElement, sitePosition } from './expand.ts'
import { createScene, type DrawnAttention, type DrawnCrystal, type DrawnImage, type Scene } from './scene.ts'

/** Images of less than this share of the largest weight are not drawn, nor more than so many. */
const DRAWN = { share: 0.02, count: 90 }
/** Bonds of crystals with more atoms would hide more than they show. */
const BONDED_ATOMS = 800

export function viewerPanel(store: PageStore): void {
  const container = part('scene')
  const cells = part<HTMLSelectElement>('cells')
  let scene: Promise<Scene> | undefined
  const free = firstResult(store)
  const crystalOf = drawnCrystals(() => Number(cells.value))

  store.watch(['selected', 'entries'], (state) => {
    const entry = selectedEntry(state)
    const { structure } = entry ?? {}
    part('crystal-title').textContent = structure
      ? reducedFormula(structure)
      : (entry?.file ?? 'No structure')
    fill(part('crystal-facts'), ...(structure ? facts(structure, entry!.file) : []))
  })
  store.watch(['selected', 'attending', 'atom', 'block', 'head'], () => void draw())
  cells.addEventListener('change', () => void draw())
  store.watch(['pointed'], async ({ pointed, attending, atom }) => {
    const view = await scene?.catch(() => undefined)
    if (!attending || 'failure' in attending || atom === undefined) return view?.point(undefined)
    view?.point(pointed && drawnImage(attending.structure, atom, pointed, 1))
  })
  part('reset-view').addEventListener('click', async () => (await scene)?.reset())
  keys(container, () => scene)

  async function draw(): Promise<void> {
    const state = store.state
    if (!scene && !selectedEntry(state)) return
    scene ??= free.then(() =>
      createScene(container, (site) => {
        store.update({ atom: store.state.atom === site ? undefined : site, pointed: undefined })
      }),
    )
    try {
      const view = await scene
      // What came later draws itself.
      if (state !== store.state && changed(state, store.state)) return
      view.draw(crystalOf(selectedEntry(state)?.structure), drawnAttention(state))
    } catch (error) {
      const why = failureOf(error).message
      fill(container, element('p', { class: 'quiet' }, `No 3D view: this browser has no WebGL (${why}).`))
    }
  }
}

/** Whether something else is to be drawn. */
function changed(before: PageState, now: PageState): boolean {
  const parts = ['selected', 'attending', 'atom', 'block', 'head'] as const
  return parts.some((part) => before[part] !== now[part])
}

/** A function that gives what is drawn of a structure, the same object as long as it is the same. */
function drawnCrystals(cellsNow: () => number): (structure?: Structure) => DrawnCrystal | undefined {
  let last: { structure: Structure; drawn: DrawnCrystal } | undefined
  return (structure) => {
    if (!structure) return undefined
    const cells = cellsNow()
    if (last?.structure === structure && last.drawn.cells === cells) return last.drawn
    const atoms = expand(structure, cells, LIMITS.drawnAtoms)
    const joined = atoms.length > BONDED_ATOMS ? [] : bonds(atoms)
    last = { structure, drawn: { lattice: structure.lattice, cells, atoms, bonds: joined } }
    return last.drawn
  }
}

/**
 * Resolves when the first prediction is there, or cannot be. Drawing keeps the processor, and where it is done in software
 * the search for a GPU, from what matters more.
 */
function firstResult(store: PageStore): Promise<void> {
  return new Promise((resolve) => {
    store.watch(['entries', 'opening'], ({ entries, opening }) => {
      const predicted = entries.some(({ result }) => result.status === 'done')
      if (predicted || (opening && 'failure' in opening)) resolve()
    })
  })
}

function facts(structure: Structure, file: string): HTMLElement[] {
  const [a, b, c, alpha, beta, gamma] = latticeParameters(structure.lattice)
  const atoms = structure.frac.length
  const rows: [string, string][] = [
    ['file', file],
    ['cell', `${[a, b, c].map((x) => x.toFixed(3)).join(' · ')} Å`],
    ['angles', `${[alpha, beta, gamma].map((x) => x.toFixed(1)).join(' · ')}°`],
    ['atoms', `${atoms} ${atoms === 1 ? 'atom' : 'atoms'} in ${volume(structure.lattice).toFixed(1)} Å³`],
  ]
  return rows.flatMap(([term, text]) => [element('dt', {}, term), element('dd', {}, text)])
}

function drawnAttention({ attending, atom, block, head }: PageState): DrawnAttention | undefined {
  if (!attending || 'failure' in attending || atom === undefined) return undefined
  const { attention, structure } = attending
  const images = strongestImages(attention, atom, { block, head })
  const others = images.filter(({ displacement }) => Math.hypot(...displacement) > 0)
  const largest = others[0]?.weight ?? 1
  const from: DrawnAtom = {
    site: atom,
    element: mainElement(structure, atom),
    position: sitePosition(structure, atom),
  }
  return {
    from,
    images: others
      .filter(({ weight }) => weight >= DRAWN.share * largest)
      .slice(0, DRAWN.count)
      .map((image) => drawnImage(structure, atom, image, image.weight / largest)),
    axes: axes(attending, atom, block, head),
  }
}

function drawnImage(
  structure: Structure,
  atom: number,
  { site, displacement }: { readonly site: number; readonly displacement: Vec3 },
  strength: number,
): DrawnImage {
  const [x, y, z] = sitePosition(structure, atom)
  const position: Vec3 = [x + displacement[0], y + displacement[1], z + displacement[2]]
  return { site, element: mainElement(structure, site), position, strength }
}

/** The axes of the frame of one block and head; none where the network has no frames, or of a mean. */
function axes(
  attending: NonNullable<PageState['attending']>,
  atom: number,
  block: number | undefined,
  head: number | undefined,
): Vec3[] {
  if ('failure' in attending || block === undefined || head === undefined) return []
  const { frames, blocks, heads } = attending.attention
  if (!frames) return []
  const start = ((atom * blocks.length + blocks.indexOf(block)) * heads + head) * 9
  return [0, 3, 6].map((m) => [frames[start + m], frames[start + m + 1], frames[start + m + 2]])
}

/** Turning and zooming with the keyboard. */
function keys(container: HTMLElement, scene: () => Promise<Scene> | undefined): void {
  const actions: Readonly<Record<string, (view: Scene) => void>> = {
    ArrowLeft: (view) => view.rotate(-10, 'y'),
    ArrowRight: (view) => view.rotate(10, 'y'),
    ArrowUp: (view) => view.rotate(-10, 'x'),
    ArrowDown: (view) => view.rotate(10, 'x'),
    '+': (view) => view.zoom(1.2),
    '-': (view) => view.zoom(1 / 1.2),
    '0': (view) => view.reset(),
  }
  container.tabIndex = 0
  container.addEventListener('keydown', async (event) => {
    const action = actions[event.key]
    if (!action || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const view = await scene()
    if (view) action(view)
  })
}
