// Choosing a model, how far its opening is, and what its card says.

import type { LoadProgress } from '../../runtimes/model.ts'
import { element, fill } from '../../src/components/dom.ts'
import { mebibytes } from '../intake/limits.ts'
import { part } from '../part.ts'
import type { PageStore } from '../state.ts'
import { BUNDLED, type ModelSource, modelKey } from './catalogue.ts'
import { facts } from './facts.ts'

export function modelPicker(store: PageStore, open: (source: ModelSource) => Promise<void>): void {
  const select = part<HTMLSelectElement>('models')
  const input = part<HTMLInputElement>('model-file')
  /** What can be chosen: the page's own models, then every file of the user that could be opened. */
  const sources = [...BUNDLED]
  const placeOf = (source: ModelSource) => sources.findIndex((other) => modelKey(other) === modelKey(source))

  part('open-model').addEventListener('click', () => input.click())
  input.addEventListener('change', () => {
    const file = input.files?.[0]
    if (file) void open({ kind: 'file', name: file.name, file })
    input.value = ''
  })
  select.addEventListener('change', () => void open(sources[Number(select.value)]))

  store.watch(['model', 'opening'], ({ model, opening }) => {
    if (model && placeOf(model.source) < 0) sources.push(model.source)
    const shown = opening && !('failure' in opening) ? opening.source : model?.source
    fill(select, ...sources.map(({ name }, n) => element('option', { value: n }, name)))
    select.value = String(shown ? Math.max(0, placeOf(shown)) : 0)
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
      return `Checking it against known crystals on ${progress.device}`
  }
}
