// How structures and models get in: dropped anywhere on the page, chosen, pasted, or picked from the examples.

import { element, fill, part } from '../dom.ts'
import type { PageStore } from '../state.ts'
import { EXAMPLES } from './examples.ts'
import { LIMITS } from './limits.ts'
import type { Source } from './read.ts'
import { take } from './take.ts'

const isModel = ({ name }: File) => /\.onnx$/i.test(name)

export function intakeControls(store: PageStore, openModel: (file: File) => void): void {
  let pasted = 0
  const takePaste = (text: string) => {
    const source: Source = { name: `pasted ${++pasted}`, text }
    void take(store, text.trim() === '' ? [] : [source])
  }
  const takeFiles = (files: readonly File[]) => {
    const model = files.find(isModel)
    if (model) openModel(model)
    void take(
      store,
      files.filter((file) => !isModel(file)),
    )
  }
  chooser(takeFiles)
  dropZone(takeFiles)
  pasteBox(takePaste)
  pasteAnywhere(takePaste, takeFiles)
  examples(store)

  const refusal = part('refusal')
  store.watch(['refusal'], ({ refusal: failure }) => {
    refusal.hidden = !failure
    refusal.textContent = failure ? `${failure.code}: ${failure.message}` : ''
  })
}

function chooser(takeFiles: (files: readonly File[]) => void): void {
  const input = part<HTMLInputElement>('structure-files')
  part('open-structures').addEventListener('click', () => input.click())
  input.addEventListener('change', () => {
    takeFiles(Array.from(input.files ?? []))
    // The same file chosen again is another change.
    input.value = ''
  })
}

function dropZone(takeFiles: (files: readonly File[]) => void): void {
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
  const over = (is: boolean) => document.body.classList.toggle('dragging', is)
  addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    over(true)
  })
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) over(false)
  })
  addEventListener('drop', (event) => {
    over(false)
    if (!carriesFiles(event)) return
    event.preventDefault()
    takeFiles(Array.from(event.dataTransfer?.files ?? []))
  })
}

function pasteBox(takePaste: (text: string) => void): void {
  const dialog = part<HTMLDialogElement>('paste')
  const text = part<HTMLTextAreaElement>('paste-text')
  text.maxLength = LIMITS.fileBytes
  part('open-paste').addEventListener('click', () => dialog.showModal())
  part('paste-cancel').addEventListener('click', () => dialog.close())
  dialog.querySelector('form')?.addEventListener('submit', () => {
    takePaste(text.value)
    text.value = ''
  })
}

/** Ctrl+V outside of a text field. */
function pasteAnywhere(takePaste: (text: string) => void, takeFiles: (files: readonly File[]) => void): void {
  addEventListener('paste', (event) => {
    if (event.target instanceof HTMLElement && event.target.closest('input, textarea')) return
    const files = Array.from(event.clipboardData?.files ?? [])
    if (files.length > 0) takeFiles(files)
    else takePaste(event.clipboardData?.getData('text/plain') ?? '')
  })
}

function examples(store: PageStore): void {
  const select = part<HTMLSelectElement>('examples')
  fill(select, ...EXAMPLES.map(({ title }, n) => element('option', { value: n }, title)))
  const show = () => {
    const example = EXAMPLES[Number(select.value)]
    void take(store, [example], example)
  }
  select.addEventListener('change', show)
  show()
}
