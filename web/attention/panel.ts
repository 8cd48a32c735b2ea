// What one atom attends to, as a list: the images with the largest weights of a block and head, or of the mean over all.

import { type AttendedImage, type Attention, strongestImages } from '../../runtimes/attention.ts'
import { chip } from '../../src/components/chip.ts'
import { element, fill } from '../../src/components/dom.ts'
import { percent, whole } from '../../src/components/figures.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { siteName } from '../../src/viewer/colours.ts'
import { mainElement } from '../../src/viewer/expand.ts'
import { part } from '../part.ts'
import type { PageState, PageStore } from '../state.ts'

const LISTED = 14
const HINT =
  'Every atom attends to the periodic images around it. Click an atom, or choose it below the view, to see how much to which.'
const WAITING = 'Looking… onnxruntime, which computes attention, is loaded the first time.'

export function attentionPanel(store: PageStore): void {
  const note = part('attention-note')
  const blocks = part<HTMLSelectElement>('block')
  const heads = part<HTMLSelectElement>('head')
  const list = part('images')
  const chosen = (select: HTMLSelectElement) => (select.value === '' ? undefined : Number(select.value))
  blocks.addEventListener('change', () => store.update({ block: chosen(blocks), pointed: undefined }))
  heads.addEventListener('change', () => store.update({ head: chosen(heads), pointed: undefined }))

  store.watch(['attending', 'atom', 'block', 'head'], (state) => {
    const { attending, atom, block, head } = state
    const there = atom !== undefined && attending && !('failure' in attending)
    note.hidden = there === true
    part('attention-choice').hidden = !there
    if (!there) {
      note.textContent =
        attending && 'failure' in attending ? attending.failure.message : atom === undefined ? HINT : WAITING
      part('attention-title').textContent = 'Attention'
      part('attention-summary').textContent = ''
      return fill(list)
    }
    const { attention, structure } = attending
    options(blocks, attention.blocks, block, 'block')
    options(heads, [...Array(attention.heads).keys()], head, 'head')
    const images = strongestImages(attention, atom, { block, head })
    const shown = images.slice(0, LISTED)
    part('attention-title').textContent = `What ${siteName(mainElement(structure, atom), atom)} attends to`
    part('attention-summary').textContent = summary(shown, images, attention, state)
    fill(list, ...shown.map((image) => row(image, images[0].weight, structure, store)))
  })
}

function options(
  select: HTMLSelectElement,
  numbers: readonly number[],
  chosen: number | undefined,
  name: string,
): void {
  fill(
    select,
    element('option', { value: '' }, 'mean of all'),
    ...numbers.map((n) => element('option', { value: n }, `${name} ${n + 1}`)),
  )
  select.value = chosen === undefined ? '' : String(chosen)
}

function summary(
  shown: readonly AttendedImage[],
  images: readonly AttendedImage[],
  { frames }: Attention,
  { block, head }: PageState,
): string {
  const share = shown.reduce((sum, { weight }) => sum + weight, 0)
  const text = `These ${shown.length} of ${images.length} periodic images hold ${percent(share)} of the weight.`
  if (!frames) return text
  return block === undefined || head === undefined
    ? `${text} Frames differ by block and head: choose one of each to see its axes.`
    : `${text} The arrows e₁, e₂, e₃ are the axes of its frame.`
}

function row(image: AttendedImage, largest: number, structure: Structure, store: PageStore): HTMLElement {
  const { site, cell, displacement, weight } = image
  const occupant = mainElement(structure, site)
  const distance = Math.hypot(...displacement)
  const button = element(
    'button',
    { type: 'button', title: `Look from ${siteName(occupant, site)}` },
    chip(occupant),
    element('span', { class: 'name' }, siteName(occupant, site)),
    element('span', { class: 'number' }, distance === 0 ? 'itself' : `${distance.toFixed(2)} Å`),
    element('span', { class: 'number quiet' }, `[${cell.map(whole).join(' ')}]`),
    bar(weight / largest),
    element('span', { class: 'number' }, percent(weight)),
  )
  const point = (pointed: AttendedImage | undefined) => () => store.update({ pointed })
  button.addEventListener('mouseenter', point(image))
  button.addEventListener('focus', point(image))
  button.addEventListener('mouseleave', point(undefined))
  button.addEventListener('blur', point(undefined))
  button.addEventListener('click', () => store.update({ atom: site, pointed: undefined }))
  return element('li', {}, button)
}

function bar(share: number): HTMLElement {
  const track = element('span', { class: 'bar', 'aria-hidden': 'true' })
  track.style.setProperty('--share', String(share))
  return track
}
