// `npm run predict -- FILE…`: structure files through the model file. The network itself is not needed for that.

import { readStructureFile } from 'crystal-onnx'
import { load } from 'crystal-onnx/runtimes'

const model = await load('public/pair-filter.onnx')
for (const file of process.argv.slice(2)) {
  for (const { structure } of await readStructureFile(file)) {
    const { value, unit } = await model.predict(structure)
    console.log(JSON.stringify({ file, value, unit }))
  }
}
await model.dispose()
