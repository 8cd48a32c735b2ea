// What is run in every place: a few lines that predict, as a user would write them, without configuration.

/** Prints the value of NaCl.cif. */
export const SCRIPT = `
import { load, readStructureFile } from 'crystal-onnx'
const model = await load(process.env.MODEL ?? 'formation-energy')
const [{ structure }] = await readStructureFile('NaCl.cif')
console.log('value', (await model.predict(structure)).value)
await model.dispose()
`

export const JEST = `
import { load, readStructureFile } from 'crystal-onnx'
test.each([true, false])('predicts', async (worker) => {
  const model = await load('formation-energy', { worker })
  const [{ structure }] = await readStructureFile('NaCl.cif')
  expect((await model.predict(structure)).value).toBeCloseTo(-2.1, 1)
  await model.dispose()
}, 60_000)
`
export const JEST_CONFIG = `export default { testMatch: ['**/*.test.mjs'], transform: {}, testEnvironment: 'node' }`

/** A route of Next.js that predicts what is posted. */
export const ROUTE = `
import { load, readStructures } from 'crystal-onnx'
export const runtime = 'nodejs'
let model
export async function POST(request) {
  model ??= load('formation-energy')
  const [{ structure }] = readStructures(await request.text(), { file: 'posted.cif' })
  return Response.json(await (await model).predict(structure))
}
`
export const LAYOUT = `export default ({ children }) => <html><body>{children}</body></html>`
export const PAGE_OF_NEXT = `export default () => <p>posted to /api/predict</p>`

/** A page that predicts, and puts the value into its title. */
export const PAGE = `
import { load, readStructures } from 'crystal-onnx'
import { formationEnergy } from 'crystal-onnx/pretrained'
const model = await load(formationEnergy)
const [{ structure }] = readStructures(await (await fetch('/NaCl.cif')).text(), { file: 'NaCl.cif' })
document.title = 'value ' + (await model.predict(structure)).value
`

/** An edge function that predicts with kernels which were compiled before. */
export const FUNCTION = `
import kernels from 'crystal-onnx/kernels.wasm'
import { load } from 'crystal-onnx/web'

export default {
  async fetch(request) {
    const form = await request.formData()
    const structures = JSON.parse(form.get('structures'))
    try {
      const bytes = new Uint8Array(await form.get('model').arrayBuffer())
      const model = await load(bytes, form.has('kernels') ? { kernels } : {})
      const values = []
      for await (const { value } of model.predictMany(structures)) values.push(value)
      return Response.json({ values, report: model.deviceReport })
    } catch ({ code, message }) {
      return Response.json({ code, message })
    }
  },
}
`
