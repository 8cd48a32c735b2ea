// `npm run predict -- FILE…`: structure files through the model file. The network itself is not needed for that.

import { load, readStructureFile } from 'crystal-onnx'

const model = await load('public/pair-filter.onnx')
for (const file of process.argv.slice(2)) {
  for (const { structure } of await readStructureFile(file)) {
    const { value, unit } = await model.predict(structure)
    console.log(JSON.stringify({ file, value, unit }))
  }
}
await model.dispose()
