// Reports: plots as SVG, and self-contained HTML pages around them.

export {
  escapeHtml,
  facts,
  figure,
  type Html,
  html,
  markup,
  page,
  section,
  sideBySide,
  table,
  tiles,
} from './html.ts'
export {
  barChart,
  histogram,
  lineChart,
  type Point,
  parityPlot,
  periodicTable,
  type Series,
} from './plots.ts'
