// The panel that fine-tunes: what is to be learned, a training with its curve, and what came of it.

import { element, fill } from '../../src/components/dom.ts'
import type { Failure } from '../../src/components/failure.ts'
import { inUnit, quantity, remaining } from '../../src/components/figures.ts'
import type { ModelSource } from '../model/catalogue.ts'
import { paced } from '../pace.ts'
import { part } from '../part.ts'
import { comparable } from '../plots/parity.ts'
import type { OpenModel, PageStore } from '../state.ts'
import { curve } from './curve.ts'
import { LIMITS, usualEpochs } from './limits.ts'
import type { Epoch, Request, Stage } from './protocol.ts'
import { resultParts } from './result.ts'
import { start, type Training } from './start.ts'
import { curveFigure } from './summary.ts'

/** Milliseconds between two looks at what there is to learn, while files are read. */
const LOOK_MS = 1000

const STAGES: Readonly<Record<Stage, string>> = {
  open: 'Loading what trains',
  prepare: 'Preparing the crystals',
  train: 'Training',
  export: 'Writing and checking the model file',
}

export function fineTunePanel(store: PageStore, open: (source: ModelSource) => Promise<void>): void {
  const form = fineTuneForm(store)
  const failed = element('p', { class: 'error', role: 'alert', hidden: true })
  const status = element('p', { class: 'quiet', role: 'status', id: 'fine-tune-status' })
  const picture = element('div', { id: 'fine-tune-curve' })
  const cancel = element('button', { type: 'button', id: 'fine-tune-cancel', hidden: true }, 'Cancel')
  const result = element('div', { id: 'fine-tuned', class: 'fine-tuned' })
  fill(part('fine-tune-body'), form.element, failed, status, cancel, picture, result)
  let training: Training | undefined

  const refuse = ({ code, message }: Failure) => {
    failed.hidden = false
    failed.textContent = `${code}: ${message}`
  }
  const ended = () => {
    training = undefined
    cancel.hidden = true
    form.busy(false)
    status.textContent = ''
  }
  cancel.addEventListener('click', () => {
    training?.cancel()
    ended()
    fill(picture)
    status.textContent = 'Cancelled: nothing was kept.'
    form.focus()
  })
  // Whoever leaves loses it.
  addEventListener('beforeunload', (event) => {
    if (training) event.preventDefault()
  })

  form.onStart(async () => {
    failed.hidden = true
    const asked = form.request()
    if ('message' in asked) return refuse({ code: 'DATASET', message: asked.message })
    const { request, model } = asked
    fill(result)
    fill(picture)
    form.busy(true)
    cancel.hidden = false
    const epochs: Epoch[] = []
    let since = 0
    const title = ['mean absolute error', inUnit(request.target.unit)].filter(Boolean).join(', ')
    status.textContent = `${STAGES.open}…`
    const own = start(request, (progress) => {
      if ('stage' in progress) {
        if (progress.stage === 'train') since = performance.now()
        status.textContent = `${STAGES[progress.stage]}…`
      } else if ('epoch' in progress) {
        epochs.push(progress.epoch)
        const { epoch, epochs: all } = progress.epoch
        const left = ((performance.now() - since) / 1000 / epoch) * (all - epoch)
        status.textContent =
          epoch === all ? 'Looking at held-out crystals…' : `Epoch ${epoch} of ${all}, ${remaining(left)}`
        fill(picture, curve(epochs, title))
      }
    })
    training = own
    const came = await own.result
    if (training !== own) return
    ended()
    if ('failure' in came) {
      fill(picture)
      return refuse(came.failure)
    }
    status.textContent = 'Done.'
    fill(picture, curveFigure(came))
    const fileName = `${fileStem(model)}-fine-tuned.onnx`
    const openIt = (file: File) => void open({ kind: 'file', name: file.name, file })
    fill(result, ...resultParts({ result: came, modelName: model.source.name, fileName, openIt }))
  })
}

/** What is chosen about a training, as elements that say what there is to learn. */
function fineTuneForm(store: PageStore) {
  const column = element('select', { id: 'fine-tune-column' })
  const isSame = element('input', { type: 'checkbox', id: 'fine-tune-same' })
  const sameText = element('span')
  const unit = element('input', { id: 'fine-tune-unit', size: 10, autocomplete: 'off', maxlength: 40 })
  const unitLabel = element('label', {}, 'in the unit ', unit)
  const epochs = element('input', {
    ...{ id: 'fine-tune-epochs', type: 'number', min: 2, max: LIMITS.epochs },
  })
  const button = element('button', { type: 'submit', class: 'primary', id: 'fine-tune-start' }, 'Start')
  const said = element('p', { class: 'quiet', id: 'fine-tune-said' })
  const controls = element(
    'div',
    { class: 'tools' },
    element('label', {}, 'Learn ', column),
    element('label', { class: 'switch' }, isSame, sameText),
    unitLabel,
    element('label', {}, 'Epochs ', epochs),
    button,
  )
  const made = element('form', { novalidate: true }, said, controls)
  let known = ''
  let epochsChosen = false
  epochs.addEventListener('input', () => {
    epochsChosen = true
  })

  const compared = () => {
    const target = store.state.model?.model.card.targets[0]
    return target ? comparable(store.state.crystals.table.labelNames, target.name, target.unit) : []
  }
  const chosen = () => compared()[Number(column.value) || 0]
  const showUnit = () => {
    unitLabel.hidden = isSame.checked
  }
  const showColumn = () => {
    const found = chosen()
    isSame.checked = found?.means ?? false
    unit.value = found?.title.endsWith('/ atoms') ? 'eV/atom' : ''
    showUnit()
  }
  const look = () => {
    const { model, crystals } = store.state
    const target = model?.model.card.targets[0]
    const found = compared()
    controls.hidden = found.length === 0
    const text = target
      ? [quantity(target.name).toLowerCase(), inUnit(target.unit) && `in ${inUnit(target.unit)}`]
      : []
    sameText.textContent = `it is the ${text.filter(Boolean).join(' ')} that the model predicts`
    said.textContent = saying(crystals.table.count, found.length)
    const now = [target?.name, target?.unit, ...found.map(({ title }) => title)].join('\n')
    if (!epochsChosen) epochs.value = String(usualEpochs(crystals.table.labelled))
    if (now === known) return
    known = now
    fill(column, ...found.map(({ title }, n) => element('option', { value: n }, title)))
    showColumn()
  }
  store.watch(['crystals', 'model'], paced(LOOK_MS, look))
  column.addEventListener('change', showColumn)
  isSame.addEventListener('change', showUnit)

  return {
    element: made,
    busy(is: boolean) {
      for (const control of [column, isSame, unit, epochs, button]) control.disabled = is
    },
    focus: () => button.focus(),
    onStart(begin: () => void) {
      made.addEventListener('submit', (event) => {
        event.preventDefault()
        begin()
      })
    },
    /** What is asked for, or what is wrong with it. */
    request(): { request: Request; model: OpenModel } | { message: string } {
      const { model, crystals } = store.state
      const found = chosen()
      if (!model || !found) return { message: 'there is no number to learn' }
      const { source } = model
      if (source.kind === 'served') {
        return { message: `${source.name} is on a server, which keeps its weights; open its .onnx file here` }
      }
      const { table } = crystals
      const target = model.model.card.targets[0]
      const other = unit.value.trim()
      if (!isSame.checked && other === '') {
        unit.focus()
        return { message: `say in which unit ${found.name} is, such as eV/atom; 1 for a number without one` }
      }
      const count = Number(epochs.value)
      if (!(Number.isInteger(count) && count >= 2 && count <= LIMITS.epochs)) {
        epochs.focus()
        return { message: `epochs ${epochs.value}: expected a whole number from 2 to ${LIMITS.epochs}` }
      }
      const labels = new Float64Array(table.count).fill(Number.NaN)
      for (const row of labels.keys())
        if (table.atoms(row) > 0) labels[row] = found.of(table, row) ?? Number.NaN
      return {
        model,
        request: {
          model: source.kind === 'file' ? source.file : source.url.href,
          modelName: source.name,
          data: dataName(table.file(0), table.count),
          batches: table.batches,
          labels,
          target: isSame.checked
            ? { name: target.name, unit: target.unit }
            : { name: found.title.replace(' / atoms', '_per_atom'), unit: other },
          isSame: isSame.checked,
          epochs: count,
        },
      }
    },
  }
}

function saying(structures: number, columns: number): string {
  if (columns > 0) {
    return (
      'A copy of the model learns from them, in this browser: nothing is sent anywhere. A part of the crystals is held out, ' +
      'and tells how large the errors are before and after.'
    )
  }
  const none = structures > 0 ? 'None of the structures here has a number beside it. ' : ''
  return (
    `${none}Open a file of crystals with numbers: CSV with a column of CIF and columns of numbers, extended XYZ with keys such ` +
    'as energy, or JSON with fields. A copy of the model then learns from them, in this browser.'
  )
}

function dataName(file: string, structures: number): string {
  return structures === 1 ? file : `${structures} structures of ${file} and others`.slice(0, 200)
}

function fileStem({ source }: OpenModel): string {
  const name = source.kind === 'bundled' ? (source.url.pathname.split('/').pop() ?? '') : source.name
  const stem = name.replace(/\.onnx$/i, '').replace(/-[A-Za-z0-9_-]{8}$/, '')
  return stem.replace(/[^A-Za-z0-9_.-]+/g, '-') || 'model'
}
