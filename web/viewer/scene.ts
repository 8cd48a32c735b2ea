// The 3D view as the page needs it: a crystal, and over it what one atom attends to. Wraps 3Dmol, which is loaded when it
// is first needed. It is handed finished atoms: symmetry, periodicity and attention are not its affair.

import type { GLViewer } from '3dmol'
import { toCartesian } from '../../src/crystal/cell.ts'
import { symbolOf } from '../../src/crystal/elements.ts'
import type { Mat3, Vec3 } from '../../src/math/vectors.ts'
import { elementColour } from './colours.ts'
import type { DrawnAtom } from './expand.ts'

/** A periodic image that an atom looks at. */
export interface DrawnImage {
  readonly site: number
  readonly element: number
  /** Å */
  readonly position: Vec3
  /** of the largest weight that is drawn, in (0, 1] */
  readonly strength: number
}

export interface DrawnCrystal {
  readonly lattice: Mat3
  readonly cells: number
  readonly atoms: readonly DrawnAtom[]
  readonly bonds: readonly (readonly [number, number])[]
}

export interface DrawnAttention {
  readonly from: DrawnAtom
  readonly images: readonly DrawnImage[]
  /** Unit vectors from the atom. */
  readonly axes: readonly Vec3[]
}

export interface Scene {
  /** A crystal that is another than before is turned to the viewer. */
  draw(crystal: DrawnCrystal | undefined, attention: DrawnAttention | undefined): void
  /** Makes one image stand out; undefined for none. */
  point(image: DrawnImage | undefined): void
  rotate(degrees: number, axis: 'x' | 'y'): void
  zoom(factor: number): void
  reset(): void
}

/** Colours of the page's style sheet. */
const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

const RADIUS = { atom: 0.26, bond: 0.09, dot: 0.13, thread: 0.03, edge: 0.022, axis: 0.075 } as const
/** Å, of the atom that is looked from, of the image with the largest weight, and of the line to it. */
const STRONGEST = { query: 0.5, sphere: 0.72, line: 0.13 } as const
/** How much of its colour the crystal keeps behind attention. */
const FADED = 0.35
const AXIS_LENGTH = 3.2
/** How much nearer than 3Dmol takes a view, which leaves room for molecules' labels. */
const FILLS = 1.15

/**
 * Makes the view inside `container`. `onPick` is called with the site of an atom, or of an image, that is clicked.
 * Rejects where the browser has no WebGL.
 */
export async function createScene(container: HTMLElement, onPick: (site: number) => void): Promise<Scene> {
  const { createViewer } = await import('3dmol')
  // Twice the pixels each way would be four times the work where there is no GPU.
  const viewer: GLViewer = createViewer(container, { backgroundAlpha: 0, antialias: true, upscale: false })
  const still = matchMedia('(prefers-reduced-motion: reduce)')
  const ms = (duration: number) => (still.matches ? 0 : duration)
  let shown: { crystal?: DrawnCrystal; attention?: DrawnAttention } = {}
  let pointed: ReturnType<GLViewer['addSphere']> | undefined

  new ResizeObserver(() => viewer.resize()).observe(container)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    build()
    viewer.render()
  })

  function build(): void {
    const { crystal, attention } = shown
    viewer.removeAllModels()
    viewer.removeAllShapes()
    viewer.removeAllLabels()
    pointed = undefined
    if (crystal) drawCrystal(viewer, crystal, attention !== undefined)
    if (attention) drawAttention(viewer, attention)
    viewer.setClickable({}, true, ({ properties }: { properties?: { site: number } }) => {
      if (properties) onPick(properties.site)
    })
  }

  return {
    draw(crystal, attention) {
      const before = shown
      shown = { crystal, attention }
      build()
      // Every change of the view draws what is there: nothing, as long as render() has not made bodies of the atoms.
      if (crystal !== before.crystal) turnToViewer(viewer)
      else if ((attention === undefined) !== (before.attention === undefined)) bringIntoSight(viewer, ms(400))
      viewer.render()
    },
    point(image) {
      if (pointed) viewer.removeShape(pointed)
      pointed = image && viewer.addSphere(ring(image))
      viewer.render()
    },
    rotate: (degrees, axis) => void viewer.rotate(degrees, `v${axis}`, ms(120)),
    zoom: (factor) => void viewer.zoom(factor, ms(120)),
    reset: () => {
      turnToViewer(viewer)
      viewer.render()
    },
  }
}

/** Quaternion (x, y, z, w): by −24° about c, then by −76° about the horizontal. */
const TO_VIEWER = quaternionOf(-24, -76)

function quaternionOf(aboutC: number, aboutX: number): readonly number[] {
  const [c, x] = [aboutC, aboutX].map((degrees) => (degrees * Math.PI) / 360)
  const [cc, sc, cx, sx] = [Math.cos(c), Math.sin(c), Math.cos(x), Math.sin(x)]
  return [sx * cc, -sx * sc, cx * sc, cx * cc]
}

/** c upwards, seen a little from above: the usual view of a cell. */
function turnToViewer(viewer: GLViewer): void {
  viewer.setView([0, 0, 0, 0, ...TO_VIEWER])
  bringIntoSight(viewer, 0)
}

/** Brings everything into sight. 3Dmol goes by the height alone, which is not enough where the view is narrow. */
function bringIntoSight(viewer: GLViewer, duration: number): void {
  viewer.zoomTo({}, 0)
  const { clientWidth, clientHeight } = viewer.getCanvas()
  viewer.zoom(FILLS * Math.min(1, clientWidth / clientHeight), duration)
}

function drawCrystal(viewer: GLViewer, crystal: DrawnCrystal, behind: boolean): void {
  const { atoms, bonds, lattice, cells } = crystal
  const bonded = atoms.map((): number[] => [])
  for (const [i, j] of bonds) {
    bonded[i].push(j)
    bonded[j].push(i)
  }
  const model = viewer.addModel()
  model.addAtoms(
    atoms.map((atom, i) => ({
      ...specOf(atom, behind ? faded(elementColour(atom.element), FADED) : elementColour(atom.element)),
      ...{ serial: i, bonds: bonded[i], bondOrder: bonded[i].map(() => 1) },
    })),
  )
  model.setStyle(
    {},
    behind
      ? { sphere: { radius: RADIUS.dot }, stick: { radius: RADIUS.thread } }
      : { sphere: { scale: RADIUS.atom }, stick: { radius: RADIUS.bond } },
  )
  for (const [start, end] of edges(lattice, cells)) {
    const line = { start, end, radius: RADIUS.edge, color: colour('--view-edge') }
    viewer.addCylinder({ ...line, fromCap: 'round', toCap: 'round' })
  }
  lattice.forEach((vector, m) => {
    const length = Math.hypot(...vector)
    const position = xyz(vector.map((x) => x * (cells + 0.55 / length)) as unknown as Vec3)
    label(viewer, 'abc'[m], position, colour('--view-label'))
  })
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
      ...specOf(image, faded(elementColour(image.element), 0.3 + 0.7 * Math.sqrt(image.strength))),
      serial: i + 1,
    })),
  ])
  model.setStyle({}, { sphere: { radius: STRONGEST.query } })
  const start = xyz(from.position)
  images.forEach((image, i) => {
    model.setStyle({ serial: i + 1 }, { sphere: { radius: sphereRadius(image) } })
    viewer.addCylinder({
      ...{ start, end: xyz(image.position), radius: STRONGEST.line * Math.cbrt(image.strength) ** 1.5 },
      color: faded(colour('--view-attention'), 0.3 + 0.7 * Math.sqrt(image.strength)),
    })
  })
  // A shell around the atom that is looked from.
  viewer.addSphere({ center: start, radius: 0.66, color: colour('--view-attention'), opacity: 0.35 })
  axes.forEach((axis, m) => {
    const at = (length: number) => xyz(from.position.map((x, k) => x + length * axis[k]) as unknown as Vec3)
    const shade = colour(`--view-axis-${m + 1}`)
    const shape = { radius: RADIUS.axis, radiusRatio: 2.4, mid: 0.86, color: shade }
    viewer.addArrow({ start, end: at(AXIS_LENGTH), ...shape })
    label(viewer, `e${'₁₂₃'[m]}`, at(AXIS_LENGTH + 0.45), shade)
  })
}

/** A sphere whose volume goes with the weight of an image. */
const sphereRadius = ({ strength }: DrawnImage) => STRONGEST.sphere * Math.cbrt(strength)

function ring(image: DrawnImage) {
  const radius = sphereRadius(image) + 0.16
  return { center: xyz(image.position), radius, color: colour('--view-attention'), opacity: 0.55 }
}

function specOf({ site, element, position: [x, y, z] }: DrawnAtom | DrawnImage, color: string) {
  return { elem: symbolOf(element), x, y, z, color, properties: { site } }
}

/**
 * A colour nearer to the background. Rather than transparency: overlapping transparent bodies hide each other by the
 * order in which they are drawn.
 */
function faded(hex: string, kept: number): string {
  const channels = (of: string) => [1, 3, 5].map((at) => Number.parseInt(of.slice(at, at + 2), 16))
  const ground = channels(colour('--view-ground'))
  const mixed = channels(hex).map((channel, m) => Math.round(kept * channel + (1 - kept) * ground[m]))
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

function label(viewer: GLViewer, text: string, position: Xyz, fontColor: string): void {
  viewer.addLabel(text, {
    ...{ position, fontColor, fontSize: 15, showBackground: false, alignment: 'center', inFront: true },
  })
}

interface Xyz {
  readonly x: number
  readonly y: number
  readonly z: number
}

const xyz = ([x, y, z]: Vec3): Xyz => ({ x, y, z })
