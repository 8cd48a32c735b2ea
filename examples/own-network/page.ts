// The page: the same model file, read by the browser. No code of the network is in it either.

import { readStructures } from 'crystal-onnx/crystal'
import { load } from 'crystal-onnx/web'

const element = <E extends HTMLElement>(id: string) => document.getElementById(id) as E

const model = await load('/pair-filter.onnx')
element('device').textContent = model.deviceReport

element<HTMLInputElement>('files').addEventListener('change', async ({ target }) => {
  for (const file of (target as HTMLInputElement).files ?? []) {
    const item = document.createElement('li')
    try {
      const [{ structure }] = readStructures(await file.text(), { file: file.name })
      const { value, unit } = await model.predict(structure)
      item.textContent = `${file.name}: ${value} ${unit}`
    } catch (error) {
      item.textContent = `${file.name}: ${(error as Error).message}`
    }
    element('predictions').append(item)
  }
})
