// A model in React: opened once for every component that names it, closed with the last of them.

import 'crystal-onnx/components'
import { readStructures } from 'crystal-onnx/crystal'
import { formationEnergy } from 'crystal-onnx/pretrained'
import { useModel } from 'crystal-onnx/react'
import { useState } from 'react'
import { createRoot } from 'react-dom/client'

function Prediction() {
  const { model, error, progress } = useModel(formationEnergy)
  const [found, setFound] = useState()

  async function read([file]) {
    const [{ structure }] = readStructures(await file.text(), { file: file.name })
    setFound({ structure, prediction: await model.predict(structure) })
  }

  if (error) return <p role="alert">{error.message}</p>
  if (!model) return <progress value={progress?.loaded} max={progress?.total} />
  return (
    <>
      <input type="file" onChange={(event) => read(event.target.files)} />
      {found && (
        <>
          <crystal-viewer structure={found.structure} bonds="" />
          <p>
            {found.prediction.value.toFixed(3)} {found.prediction.unit}
          </p>
        </>
      )}
    </>
  )
}

createRoot(document.querySelector('#app')).render(<Prediction />)
