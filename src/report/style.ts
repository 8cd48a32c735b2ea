// The style sheet of every report. Plots draw text and axes in currentColor, so that they follow the page.

export const STYLE = `
:root { --ground: #fcfcfa; --card: #ffffff; --text: #1f2428; --soft: #5d666e; --line: #dfe2e4; --accent: #2f6fb2 }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15181b; --card: #1d2125; --text: #e4e7e9; --soft: #9aa3aa; --line: #343a40; --accent: #7eb2e8 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
main { max-width: 66rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em }
h2 { font-size: 1.15rem; margin: 2.6rem 0 .9rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line) }
h3 { font-size: .95rem; margin: 0 0 .5rem }
.lead { color: var(--soft); margin: 0; max-width: 48rem }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .9rem; margin: 1.8rem 0 0 }
.tiles > div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem }
.tiles dt { color: var(--soft); font-size: .85rem }
.tiles dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; white-space: nowrap }
.tiles small { font-size: .85rem; color: var(--soft) }
.tiles .note { font-size: .8rem; color: var(--soft); white-space: normal; min-height: 1.2em }
.side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem }
figure { margin: 0 0 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; min-width: 0 }
figure svg { display: block; width: 100%; height: auto; color: var(--text) }
figcaption { color: var(--soft); font-size: .85rem; margin-top: .6rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th { text-align: left; font-weight: 600; color: var(--soft) }
th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap }
.number { font-variant-numeric: tabular-nums }
.columns { columns: 3 17rem; column-gap: 2rem }
.facts { break-inside: avoid; margin-bottom: 1.2rem }
.facts dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .9rem; margin: 0; font-size: .85rem }
.facts dt { color: var(--soft) }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
a { color: var(--accent) }
@media print { body { background: none } figure, .tiles > div { break-inside: avoid } }
`
