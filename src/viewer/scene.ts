// The 3D view as the page needs it: a crystal, and over it what one atom attends to. Wraps 3Dmol, which is loaded when it
// is first needed. It is handed finished atoms: symmetry, periodicity and attention are not its affair.

import type { GLViewer } from '3dmol'
import { toCartesian } from '../crystal/cell.ts'
import { symbolOf } from '../crystal/elements.ts'
import type { Mat3, Vec3 } from '../math/vectors.ts'
import { elementColour } from './colours.ts'
import { colour, type Xyz, xyz } from './drawing.ts'
import type { DrawnAttention, DrawnCrystal, DrawnImage } from './drawn.ts'
import { atomRadius, type DrawnAtom } from './expand.ts'
import { type Body, type Quaternion, turnOf, viewOf } from './fit.ts'
import { distance } from './measure.ts'
import { drawPolyhedra, drawWedges } from './solids.ts'

export interface Scene {
  /** A crystal that is another than before is turned to the viewer. */
  draw(crystal: DrawnCrystal | undefined, attention: DrawnAttention | undefined): void
  /** Makes one image stand out; undefined for none. */
  point(image: DrawnImage | undefined): void
  /** Marks atoms and joins them. */
  measure(atoms: readonly DrawnAtom[]): void
  /** What is in sight, as a PNG in a data address. */
  png(): string
  /** How the crystal is turned. */
  turn(): Quaternion
  rotate(degrees: number, axis: 'x' | 'y'): void
  zoom(factor: number): void
  reset(): void
  /** Takes the view out of its container and gives back what it holds of the GPU. */
  dispose(): void
}

const RADIUS = { bond: 0.09, dot: 0.13, thread: 0.03, edge: 0.022, axis: 0.075 } as const
/** Å, of the atom that is looked from, of the image with the largest weight, and of the line to it. */
const STRONGEST = { query: 0.5, sphere: 0.72, line: 0.13 } as const
/** How much of its colour the crystal keeps behind attention. */
const FADED = 0.35
const AXIS_LENGTH = 3.2
/** Vertical angle of view of 3Dmol, degrees, and where its camera stands. */
const FOV = 20
const CAMERA_Z = 150
/** c upwards, seen a little from above: the usual view of a cell. */
const TO_VIEWER = turnOf(-24, -76)

/**
 * Makes the view inside `container`. `onPick` is called with the site of an atom, or of an image, that is clicked.
 * Rejects where the browser has no WebGL.
 */
export async function createScene(container: HTMLElement, onPick: (atom: DrawnAtom) => void): Promise<Scene> {
  // 3Dmol would fail inside of its drawing.
  const canvas = document.createElement('canvas')
  if (!canvas.getContext('webgl2') && !canvas.getContext('webgl'))
    throw new Error('this browser has no WebGL')
  const { createViewer } = await import('3dmol')
  // Twice the pixels each way would be four times the work where there is no GPU.
  const viewer: GLViewer = createViewer(container, { antialias: true, upscale: false })
  const still = matchMedia('(prefers-reduced-motion: reduce)')
  const ms = (duration: number) => (still.matches ? 0 : duration)
  let shown: { crystal?: DrawnCrystal; attention?: DrawnAttention } = {}
  let pointed: ReturnType<GLViewer['addSphere']> | undefined
  let measured: readonly DrawnAtom[] = []
  let marks: Shape[] = []
  /** the distance that the scene was last fitted at: the user has not zoomed as long as it is the same */
  let fitted = 0

  const resized = new ResizeObserver(() => {
    const untouched = Math.abs(viewer.getView()[3] - fitted) < 1e-3
    viewer.resize()
    if (untouched) look(viewer.getView().slice(4, 8) as unknown as Quaternion)
  })
  resized.observe(container)
  const repaint = () => {
    build()
    viewer.render()
  }
  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', repaint)

  function build(): void {
    const { crystal, attention } = shown
    viewer.removeAllModels()
    viewer.removeAllShapes()
    viewer.removeAllLabels()
    // Opaque: what is translucent would lighten a page that shines through, instead of colouring it.
    viewer.setBackgroundColor(colour(viewer, '--view-ground'), 1)
    pointed = undefined
    marks = []
    if (crystal) drawCrystal(viewer, crystal, attention !== undefined)
    if (attention) drawAttention(viewer, attention)
    viewer.setClickable({}, true, ({ properties, x, y, z }: PickedAtom) => {
      if (properties) onPick({ ...properties, position: [x, y, z] })
    })
    drawMeasured()
  }

  /** Brings everything into sight, turned as it is said. */
  function look(turn: Quaternion): void {
    const bodies = bodiesOf(shown)
    if (bodies.length === 0) return
    const { clientWidth, clientHeight } = viewer.getCanvas()
    const { centre, distance, radius } = viewOf(bodies, turn, FOV, clientWidth / Math.max(1, clientHeight))
    viewer.setSlab(-2 * radius, 2 * radius)
    fitted = CAMERA_Z - distance
    viewer.setView([...centre.map((x) => -x), fitted, ...turn])
  }

  function drawMeasured(): void {
    for (const shape of marks) viewer.removeShape(shape)
    const color = colour(viewer, '--view-measure')
    marks = [
      ...measured.map(({ position }) =>
        viewer.addSphere({ center: xyz(position), radius: 0.62, color, opacity: 0.45 }),
      ),
      ...measured.slice(1).map(({ position }, n) =>
        viewer.addCylinder({
          ...{ start: xyz(measured[n].position), end: xyz(position), radius: 0.05, color, dashed: true },
        }),
      ),
    ]
    if (measured.length === 0) return
    measured.slice(1).forEach(({ position }, n) => {
      const from = measured[n].position
      const middle = position.map((x, m) => (x + from[m]) / 2) as unknown as Vec3
      label(viewer, `${distance(from, position).toFixed(2)} Å`, middle, color)
    })
  }

  return {
    draw(crystal, attention) {
      const before = shown
      shown = { crystal, attention }
      const turn = viewer.getView().slice(4, 8) as unknown as Quaternion
      build()
      // Every change of the view draws what is there: nothing, as long as render() has not made bodies of the atoms.
      viewer.render()
      // Another crystal is turned to the viewer; frames of one trajectory stay as they are turned.
      if (crystal?.lattice !== before.crystal?.lattice && !isAlike(crystal, before.crystal)) look(TO_VIEWER)
      else if (
        crystal?.cells !== before.crystal?.cells ||
        hasPolyhedra(crystal) !== hasPolyhedra(before.crystal) ||
        (attention === undefined) !== (before.attention === undefined)
      )
        look(turn)
    },
    point(image) {
      if (pointed) viewer.removeShape(pointed)
      pointed = image && viewer.addSphere(ring(viewer, image))
      viewer.render()
    },
    measure(atoms) {
      measured = atoms
      repaint()
    },
    png() {
      viewer.render()
      return viewer.pngURI()
    },
    turn: () => viewer.getView().slice(4, 8) as unknown as Quaternion,
    rotate: (degrees, axis) => void viewer.rotate(degrees, `v${axis}`, ms(120)),
    zoom: (factor) => void viewer.zoom(factor, ms(120)),
    reset: () => look(TO_VIEWER),
    dispose() {
      resized.disconnect()
      dark.removeEventListener('change', repaint)
      // A browser has sixteen or so of these for all of a page.
      viewer.getCanvas().getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext()
      container.replaceChildren()
    },
  }
}

type Shape = ReturnType<GLViewer['addSphere']>

/** They reach beyond the atoms of the cell. */
const hasPolyhedra = (crystal: DrawnCrystal | undefined) => (crystal?.polyhedra.length ?? 0) > 0

/** An atom as 3Dmol gives it to a click. */
interface PickedAtom extends Xyz {
  readonly properties?: { readonly site: number; readonly element: number }
}

/** Frames of one trajectory: as many atoms of the same elements. */
function isAlike(a: DrawnCrystal | undefined, b: DrawnCrystal | undefined): boolean {
  if (!a || !b || a.cells !== b.cells || a.atoms.length !== b.atoms.length) return false
  return a.atoms.every(({ element }, n) => element === b.atoms[n].element)
}

/** All that must be in sight: atoms, the corners of the cells with the letters beside them, and what an atom attends to. */
function bodiesOf({ crystal, attention }: { crystal?: DrawnCrystal; attention?: DrawnAttention }): Body[] {
  const bodies: Body[] = []
  if (crystal) {
    const { atoms, lattice, cells, polyhedra } = crystal
    for (const { position, element } of atoms) bodies.push({ position, radius: atomRadius(element) })
    for (const { corners } of polyhedra)
      for (const position of corners) bodies.push({ position, radius: 0.1 })
    for (const x of [0, cells]) {
      for (const y of [0, cells]) {
        for (const z of [0, cells]) bodies.push({ position: toCartesian([x, y, z], lattice), radius: 0.1 })
      }
    }
    for (const vector of lattice) bodies.push({ position: letterPlace(vector, cells), radius: 0.5 })
  }
  if (attention) {
    const { from, images, axes } = attention
    bodies.push({
      position: from.position,
      radius: axes.length > 0 ? AXIS_LENGTH + 0.8 : STRONGEST.query + 0.2,
    })
    for (const image of images) bodies.push({ position: image.position, radius: sphereRadius(image) + 0.2 })
  }
  return bodies
}

/** Where the letter of a lattice vector stands: beyond its end. */
function letterPlace(vector: Vec3, cells: number): Vec3 {
  const length = Math.hypot(...vector)
  return vector.map((x) => x * (cells + 0.75 / length)) as unknown as Vec3
}

function drawCrystal(viewer: GLViewer, crystal: DrawnCrystal, behind: boolean): void {
  const { atoms, bonds, lattice, cells, names, wedges } = crystal
  const bonded = atoms.map((): number[] => [])
  for (const [i, j] of bonds) {
    bonded[i].push(j)
    bonded[j].push(i)
  }
  const model = viewer.addModel()
  model.addAtoms(
    atoms.map((atom, i) => ({
      ...specOf(
        atom,
        behind ? faded(viewer, elementColour(atom.element), FADED) : elementColour(atom.element),
      ),
      ...{ serial: i, bonds: bonded[i], bondOrder: bonded[i].map(() => 1) },
    })),
  )
  for (const element of new Set(atoms.map(({ element }) => element))) {
    model.setStyle(
      { elem: symbolOf(element) },
      behind
        ? { sphere: { radius: RADIUS.dot }, stick: { radius: RADIUS.thread } }
        : { sphere: { radius: atomRadius(element) }, stick: { radius: RADIUS.bond } },
    )
  }
  // Below their wedges, which are drawn over them.
  const mixed = atoms.flatMap(({ site }, i) => (wedges.has(site) ? [i] : []))
  if (mixed.length > 0 && !behind) {
    for (const i of mixed) {
      model.setStyle(
        { serial: i },
        { sphere: { radius: 0.9 * atomRadius(atoms[i].element) }, stick: { radius: RADIUS.bond } },
      )
    }
  }
  for (const [start, end] of edges(lattice, cells)) {
    const line = { start, end, radius: RADIUS.edge, color: colour(viewer, '--view-edge') }
    viewer.addCylinder({ ...line, fromCap: 'round', toCap: 'round' })
  }
  if (!behind) {
    drawWedges(viewer, crystal)
    drawPolyhedra(viewer, crystal)
  }
  lattice.forEach((vector, m) => {
    label(viewer, 'abc'[m], letterPlace(vector, cells), colour(viewer, '--view-label'))
  })
  if (names)
    for (const { site, position } of atoms)
      label(viewer, names[site], position, colour(viewer, '--view-name'), true)
}

/** The edges of a block of cells. */
function edges(lattice: Mat3, cells: number) {
  const point = (n: readonly number[]) => xyz(toCartesian([n[0], n[1], n[2]], lattice))
  const steps = Array.from({ length: cells + 1 }, (_, n) => n)
  return [0, 1, 2].flatMap((m) =>
    steps.flatMap((p) =>
      steps.map((q) => {
        const from = [0, 0, 0]
        from[(m + 1) % 3] = p
        from[(m + 2) % 3] = q
        const to = [...from]
        to[m] = cells
        return [point(from), point(to)] as const
      }),
    ),
  )
}

function drawAttention(viewer: GLViewer, { from, images, axes }: DrawnAttention): void {
  const model = viewer.addModel()
  model.addAtoms([
    { ...specOf(from, elementColour(from.element)), serial: 0 },
    ...images.map((image, i) => ({
      ...specOf(image, faded(viewer, elementColour(image.element), 0.3 + 0.7 * Math.sqrt(image.strength))),
      serial: i + 1,
    })),
  ])
  model.setStyle({}, { sphere: { radius: STRONGEST.query } })
  const start = xyz(from.position)
  images.forEach((image, i) => {
    model.setStyle({ serial: i + 1 }, { sphere: { radius: sphereRadius(image) } })
    viewer.addCylinder({
      ...{ start, end: xyz(image.position), radius: STRONGEST.line * Math.cbrt(image.strength) ** 1.5 },
      color: faded(viewer, colour(viewer, '--view-attention'), 0.3 + 0.7 * Math.sqrt(image.strength)),
    })
  })
  // A shell around the atom that is looked from.
  viewer.addSphere({ center: start, radius: 0.66, color: colour(viewer, '--view-attention'), opacity: 0.35 })
  axes.forEach((axis, m) => {
    const at = (length: number) => xyz(from.position.map((x, k) => x + length * axis[k]) as unknown as Vec3)
    const shade = colour(viewer, `--view-axis-${m + 1}`)
    const shape = { radius: RADIUS.axis, radiusRatio: 2.4, mid: 0.86, color: shade }
    viewer.addArrow({ start, end: at(AXIS_LENGTH), ...shape })
    label(
      viewer,
      `e${'₁₂₃'[m]}`,
      from.position.map((x, k) => x + (AXIS_LENGTH + 0.45) * axis[k]) as unknown as Vec3,
      shade,
    )
  })
}

/** A sphere whose volume goes with the weight of an image. */
const sphereRadius = ({ strength }: DrawnImage) => STRONGEST.sphere * Math.cbrt(strength)

function ring(viewer: GLViewer, image: DrawnImage) {
  const radius = sphereRadius(image) + 0.16
  return { center: xyz(image.position), radius, color: colour(viewer, '--view-attention'), opacity: 0.55 }
}

function specOf({ site, element, position: [x, y, z] }: DrawnAtom | DrawnImage, color: string) {
  return { elem: symbolOf(element), x, y, z, color, properties: { site, element } }
}

/**
 * A colour nearer to the background. Rather than transparency: overlapping transparent bodies hide each other by the
 * order in which they are drawn.
 */
function faded(viewer: GLViewer, hex: string, kept: number): string {
  const channels = (of: string) => [1, 3, 5].map((at) => Number.parseInt(of.slice(at, at + 2), 16))
  const ground = channels(colour(viewer, '--view-ground'))
  const mixed = channels(hex).map((channel, m) => Math.round(kept * channel + (1 - kept) * ground[m]))
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

function label(viewer: GLViewer, text: string, position: Vec3, fontColor: string, small = false): void {
  viewer.addLabel(text, {
    ...{ position: xyz(position), fontColor, fontSize: small ? 12 : 15, showBackground: false },
    ...{ alignment: 'center', inFront: true },
  })
}
