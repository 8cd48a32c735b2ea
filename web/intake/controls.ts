// How structures and models get in: dropped anywhere on the page, chosen, pasted, or picked from the examples.

import { element, fill } from '../../src/components/dom.ts'
import { part } from '../part.ts'
import type { PageStore } from '../state.ts'
import { EXAMPLES } from './examples.ts'
import { type DroppedFile, droppedFiles } from './folders.ts'
import { LIMITS } from './limits.ts'
import { take } from './take.ts'

const isModel = ({ name }: DroppedFile) => /\.onnx$/i.test(name)

export function intakeControls(store: PageStore, openModel: (file: File) => void): void {
  let pasted = 0
  const takePaste = (text: string) => {
    if (text.trim() !== '') void take(store, [{ name: `pasted ${++pasted}`, text }])
  }
  const takeFiles = (files: readonly DroppedFile[]) => {
    const model = files.find(isModel)
    if (model) openModel(model.file)
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

type TakeFiles = (files: readonly DroppedFile[]) => void
const named = (files: ArrayLike<File> | null | undefined): DroppedFile[] =>
  Array.from(files ?? [], (file) => ({ name: file.name, file }))

function chooser(takeFiles: TakeFiles): void {
  const input = part<HTMLInputElement>('structure-files')
  part('open-structures').addEventListener('click', () => input.click())
  input.addEventListener('change', () => {
    takeFiles(named(input.files))
    // The same file chosen again is another change.
    input.value = ''
  })
}

function dropZone(takeFiles: TakeFiles): void {
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
    void droppedFiles(event.dataTransfer!).then(takeFiles)
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
function pasteAnywhere(takePaste: (text: string) => void, takeFiles: TakeFiles): void {
  addEventListener('paste', (event) => {
    if (event.target instanceof HTMLElement && event.target.closest('input, textarea')) return
    const files = named(event.clipboardData?.files)
    if (files.length > 0) takeFiles(files)
    else takePaste(event.clipboardData?.getData('text/plain') ?? '')
  })
}

/** The list of examples says which one is shown, and that none is where the user has opened something. */
function examples(store: PageStore): void {
  const select = part<HTMLSelectElement>('examples')
  fill(
    select,
    element('option', { value: '' }, 'choose an example'),
    ...EXAMPLES.map(({ title }, n) => element('option', { value: n }, title)),
  )
  select.addEventListener('change', () => {
    const example = EXAMPLES[Number(select.value)]
    if (select.value !== '') void take(store, [example], example)
  })
  store.watch(['example'], ({ example }) => {
    select.value = example ? String(EXAMPLES.indexOf(example)) : ''
  })
}
