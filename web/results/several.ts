// The parts of the page for several structures: table, search, plots, files to download. One crystal needs none of them, so
// they are loaded with the second.

import { plotsPanel } from '../plots/panel.ts'
import { trajectory } from '../plots/trajectory.ts'
import type { PageStore } from '../state.ts'
import { choosing } from './choosing.ts'
import { exportButtons } from './export.ts'
import { failureList } from './failures.ts'
import { countLine, progressLine } from './progress.ts'
import { makeGrid, resultsTable } from './table.ts'

export function showSeveral(store: PageStore): void {
  makeGrid()
  const chosen = choosing(store)
  resultsTable(store, chosen)
  failureList(store, chosen)
  plotsPanel(store, chosen)
  progressLine(store)
  countLine(store)
  exportButtons(store)
  trajectory(store)
}
