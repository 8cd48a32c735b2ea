// Choosing a model, how far its opening is, and what its card says.

import type { Card } from '../../runtimes/card.ts'
import type { Origin } from '../../runtimes/card-provenance.ts'
import type { LoadProgress } from '../../runtimes/model.ts'
import { element, fill, part } from '../dom.ts'
import { figure } from '../figures.ts'
import { mebibytes } from '../intake/limits.ts'
import type { OpenModel, PageStore } from '../state.ts'
import { BUNDLED, type ModelSource } from './catalogue.ts'

export function modelPicker(store: PageStore, open: (source: ModelSource) => Promise<void>): void {
  const select = part<HTMLSelectElement>('models')
  const input = part<HTMLInputElement>('model-file')
  /** What can be chosen: the page's own models, then every file of the user that could be opened. */
  const sources = [...BUNDLED]

  part('open-model').addEventListener('click', () => input.click())
  input.addEventListener('change', () => {
    const file = input.files?.[0]
    if (file) void open({ kind: 'file', name: file.name, file })
    input.value = ''
  })
  select.addEventListener('change', () => void open(sources[Number(select.value)]))

  store.watch(['model', 'opening'], ({ model, opening }) => {
    if (model && !sources.includes(model.source)) sources.push(model.source)
    const shown = opening && !('failure' in opening) ? opening.source : model?.source
    fill(select, ...sources.map(({ name }, n) => element('option', { value: n }, name)))
    select.value = String(shown ? Math.max(0, sources.indexOf(shown)) : 0)
  })
  opening(store)
  store.watch(['model'], ({ model }) => fill(part('card'), ...(model ? facts(model) : [])))
}

function opening(store: PageStore): void {
  const status = part('model-status')
  const bar = part<HTMLProgressElement>('model-progress')
  const failed = part('model-failure')
  store.watch(['opening'], ({ opening, model }) => {
    const failure = opening && 'failure' in opening ? opening.failure : undefined
    const progress = opening && 'progress' in opening ? opening.progress : undefined
    failed.hidden = !failure
    part('model-opening').hidden = !opening || failure !== undefined
    if (opening && failure) {
      const stays = model ? ` ${model.source.name} stays open.` : ''
      failed.textContent = `${opening.source.name} cannot be opened. ${failure.code}: ${failure.message}.${stays}`
    }
    if (!opening) return
    status.textContent = `${stage(progress)}…`
    const loaded = progress && 'loaded' in progress ? progress : undefined
    if (loaded?.total) bar.value = loaded.loaded / loaded.total
    else bar.removeAttribute('value')
  })
}

function stage(progress: LoadProgress | undefined): string {
  if (!progress) return 'Opening the model'
  switch (progress.stage) {
    case 'read':
      return 'Reading the model'
    case 'runtime':
      return `Loading onnxruntime${progress.total ? `, ${mebibytes(progress.total)}` : ''}`
    case 'open':
      return `Starting on ${progress.device}`
    case 'check':
      return `Checking the golden samples on ${progress.device}`
  }
}

/** The card as terms and descriptions. */
function facts({ model, source }: OpenModel): HTMLElement[] {
  const { card, deviceReport, goldenError } = model
  const { training } = card
  const rows: [string, string | undefined][] = [
    ['file', source.kind === 'file' ? source.name : source.url.pathname.split('/').pop()],
    ['architecture', architecture(card)],
    ['predicts', card.targets.map(predicted).join(', ')],
    ['purpose', card.demonstration && 'a demonstration: its values are of no use elsewhere'],
    ['trained on', training?.data],
    ['domain', domain(card)],
    ['test error', testErrors(card)],
    ['licence', card.provenance?.licence],
    ['data', origins(card.provenance?.data)],
    ['taught by', origins(card.provenance?.teachers)],
    ['notes', card.provenance?.notes?.join(' ')],
    ['images within', reach(card)],
    ['golden samples', goldenError === undefined ? undefined : `within ${goldenError.toExponential(1)}`],
    ['device', deviceReport],
  ]
  return rows.flatMap(([term, description]) =>
    description === undefined
      ? []
      : [element('div', {}, element('dt', {}, term), element('dd', {}, description))],
  )
}

/** Whose work is in a model. */
function origins(of: readonly Origin[] = []): string | undefined {
  const texts = of.map(({ name, licence, source }) => [name, licence, source].filter(Boolean).join('; '))
  return texts.length > 0 ? texts.join('. ') : undefined
}

function predicted({ name, unit, transform }: Card['targets'][number]): string {
  return `${name.replaceAll('_', ' ')} in ${unit}${transform ? `, learned as ${transform}` : ''}`
}

/** Hyper-parameters that tell how large a network is, where it has them. */
const SIZES = { num_layers: 'layers', head_num: 'heads', model_dim: 'features' }

function architecture({ architecture, config }: Card): string {
  const sizes = Object.entries(SIZES).filter(([key]) => key in config)
  return [architecture, ...sizes.map(([key, what]) => `${config[key]} ${what}`)].join(', ')
}

/** What the model has seen. */
function domain({ domain }: Card): string {
  if (!domain) return 'unknown'
  const { crystals, elements, volume_per_atom } = domain
  const [least, most] = volume_per_atom.map((v) => v.toFixed(0))
  return `${crystals.fitted} crystals of ${elements.length} elements, ${least} to ${most} Å³ an atom`
}

function testErrors({ targets, training }: Card): string | undefined {
  const errors = targets.flatMap((target) => {
    const mae = training?.metrics?.[`test_mae_${target.name}`]
    return mae === undefined ? [] : [`${figure(mae, target)} ${target.unit}`]
  })
  return errors.length > 0 ? `MAE ${errors.join(', ')}` : undefined
}

function reach({ geometry: { images }, error_bound, radius_cost, targets }: Card): string | undefined {
  if (images?.kind !== 'sphere') return images ? 'the box of the published code' : undefined
  const bound = error_bound === null ? '' : `, neglected weight below ${error_bound.toExponential(0)}`
  const cost = targets.map(({ unit }, t) => `${radius_cost?.mean[t].toPrecision(2)} ${unit}`)
  const moved = radius_cost ? `, which moves values by ${cost.join(', ')} in the mean` : ''
  return `${images.radius.toFixed(1)} Å${bound}${moved}`
}
