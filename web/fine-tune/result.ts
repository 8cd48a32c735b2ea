// What came of a fine-tuning: errors before and after on crystals that it has not learned from, and what can be done with the
// new model.

import { element } from '../../src/components/dom.ts'
import { figure, inUnit, percent } from '../../src/components/figures.ts'
import { download } from '../results/export.ts'
import type { FineTuned } from './protocol.ts'
import { heldOut } from './summary.ts'

export interface Finished {
  readonly result: FineTuned
  /** of the model that it started from */
  readonly modelName: string
  /** the file names of the new one, and of the report */
  readonly fileName: string
  readonly openIt: (file: File) => void
}

export function resultParts({ result, modelName, fileName, openIt }: Finished): HTMLElement[] {
  const { target, before, after, ofMean, crystals, coverage, bytes } = result
  const unit = inUnit(target.unit)
  const value = (error: number) => `${figure(error, target)} ${unit}`.trim()
  const tile = (term: string, text: string, note: string) =>
    element(
      'div',
      {},
      element('dt', {}, term),
      element('dd', {}, text),
      element('dd', { class: 'quiet' }, note),
    )
  const file = () => new File([bytes], fileName, { type: 'application/octet-stream' })
  const openButton = element('button', { type: 'button', class: 'primary', id: 'fine-tuned-open' }, 'Open it')
  openButton.addEventListener('click', () => openIt(file()))
  const save = element('button', { type: 'button', id: 'fine-tuned-model' }, `Download ${fileName}`)
  save.addEventListener('click', () => download(fileName, file()))
  const report = element('button', { type: 'button', id: 'fine-tuned-report' }, 'Download report')
  report.addEventListener('click', async () => {
    const { reportOf } = await import('./report.ts')
    const page = reportOf(result, modelName)
    download(fileName.replace(/\.onnx$/, '-report.html'), new Blob([page], { type: 'text/html' }))
  })
  const judged = `${crystals.test} crystals that it has not learned from`
  const worse = after >= (before ?? ofMean)
  return [
    element(
      'dl',
      { class: 'tiles', id: 'fine-tuned-errors' },
      before === null
        ? tile('Always answering the mean', value(ofMean), judged)
        : tile('Error before', value(before), judged),
      tile('Error after', value(after), judged),
      ...(coverage === null ? [] : [tile('Within the interval', percent(coverage), '90 % should be')]),
    ),
    ...(worse
      ? [element('p', { class: 'note' }, 'That is no improvement: more crystals, or others, are needed.')]
      : []),
    element('p', { class: 'quiet' }, heldOut(result)),
    element('div', { class: 'tools' }, openButton, save, report),
  ]
}
