// Starts the page: makes its state, and sets every part to work on it. Which parts there are is all that is said here.

import { keepAttending } from './attention/keep.ts'
import { attentionPanel } from './attention/panel.ts'
import { showEnvironment } from './environment.ts'
import { fineTuning } from './fine-tune/offer.ts'
import { intakeControls } from './intake/controls.ts'
import { EXAMPLES } from './intake/examples.ts'
import { stopReading, take } from './intake/take.ts'
import { asked, takeAsked } from './link.ts'
import { BUNDLED } from './model/catalogue.ts'
import { serverKey } from './model/key.ts'
import { modelOpener } from './model/open.ts'
import { modelPicker } from './model/picker.ts'
import { offline } from './offline/register.ts'
import { part } from './part.ts'
import { keepPredicting } from './results/predict.ts'
import { predictionPanel } from './results/prediction.ts'
import { keepSession, keptSession } from './session/keep.ts'
import { stabilityPanel } from './stability/panel.ts'
import { createPageStore, emptied, type PageStore } from './state.ts'
import { viewerPanel } from './viewer/panel.ts'
import { siteList } from './viewer/sites.ts'

const store = createPageStore()
const open = modelOpener(store)
const link = asked(location.search)
void start()

keepPredicting(store)
keepAttending(store)
modelPicker(store, open)
serverKey(store, open)
intakeControls(store, (file) => void open({ kind: 'file', name: file.name, file }))
predictionPanel(store)
stabilityPanel(store)
several(store)
viewerPanel(store)
siteList(store)
attentionPanel(store)
showEnvironment(store)
fineTuning(store, open)
keepSession(store)
offline(store)
part('clear').addEventListener('click', () => {
  stopReading()
  store.update(emptied())
})

/** What several structures need is loaded after the first prediction, and made with the second structure. */
function several(store: PageStore): void {
  let isMade = false
  store.watch(['crystals'], async ({ crystals: { table } }) => {
    if (isMade || (table.count < 2 && table.counts.done === 0)) return
    const areThere = table.count > 1
    isMade = areThere
    const { showSeveral } = await import('./results/several.ts')
    if (areThere) showSeveral(store)
  })
}

/** What the address asks for, or else what the page was left with, or else an example. */
async function start(): Promise<void> {
  if (link.model || link.structure) {
    void open(link.model ?? BUNDLED[0])
    return link.structure ? takeAsked(store, link.structure) : take(store, [EXAMPLES[0]], EXAMPLES[0])
  }
  const kept = await keptSession(BUNDLED)
  void open(kept?.source ?? BUNDLED[0])
  if (kept) kept.restore(store)
  else await take(store, [EXAMPLES[0]], EXAMPLES[0])
}
