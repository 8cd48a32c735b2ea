// Starts the page: makes its state, and sets every part to work on it. Which parts there are is all that is said here.

import { keepAttending } from './attention/keep.ts'
import { attentionPanel } from './attention/panel.ts'
import { showEnvironment } from './environment.ts'
import { intakeControls } from './intake/controls.ts'
import { BUNDLED } from './model/catalogue.ts'
import { modelOpener } from './model/open.ts'
import { modelPicker } from './model/picker.ts'
import { offline } from './offline/register.ts'
import { keepPredicting } from './results/predict.ts'
import { predictionPanel } from './results/prediction.ts'
import { resultsTable } from './results/table.ts'
import { createPageStore } from './state.ts'
import { viewerPanel } from './viewer/panel.ts'
import { siteList } from './viewer/sites.ts'

const store = createPageStore()
const open = modelOpener(store)
void open(BUNDLED[0])
keepPredicting(store)
keepAttending(store)

modelPicker(store, open)
intakeControls(store, (file) => void open({ kind: 'file', name: file.name, file }))
predictionPanel(store)
resultsTable(store)
viewerPanel(store)
siteList(store)
attentionPanel(store)
showEnvironment(store)
offline(store)
