// Self-contained HTML pages: one file, no scripts, nothing from the network, light and dark. Text is escaped unless it
// was made here.

import { STYLE } from './style.ts'

/** Markup that needs no escaping: what `html` and the plots return. */
export interface Html {
  readonly markup: string
}

/** Marks a string as markup. For SVG of the plots; never for text from outside. */
export function markup(text: string): Html {
  return { markup: text }
}

type Part = Html | string | number | readonly Part[]

/** Template tag: interpolated texts are escaped, Html goes in as it is, lists are joined. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return markup(String.raw({ raw: strings }, ...parts.map(render)))
}

function render(part: Part): string {
  if (Array.isArray(part)) return part.map(render).join('')
  if (typeof part === 'object') return (part as Html).markup
  return escapeHtml(String(part))
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** A whole page. */
export function page({ title, lead, body }: { title: string; lead: Part; body: Part }): string {
  return `<!doctype html>
${
  html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${markup(STYLE)}</style>
</head>
<body>
<main>
<header><h1>${title}</h1><p class="lead">${lead}</p></header>
${body}
</main>
</body>
</html>
`.markup
}`
}

export function section(title: string, ...body: readonly Part[]): Html {
  return html`<section><h2>${title}</h2>${body}</section>\n`
}

/** A plot with a caption under it. */
export function figure(svg: Html, caption: Part): Html {
  return html`<figure>${svg}<figcaption>${caption}</figcaption></figure>`
}

/** Figures side by side where there is room. */
export function sideBySide(...figures: readonly Html[]): Html {
  return html`<div class="side">${figures}</div>`
}

/** The few numbers that matter, large. `note` says what to hold a number against. */
export function tiles(
  entries: readonly { label: string; value: string; unit?: string; note?: string }[],
): Html {
  return html`<dl class="tiles">${entries.map(
    ({ label, value, unit = '', note = '' }) =>
      html`<div><dt>${label}</dt><dd>${value} <small>${unit}</small></dd><dd class="note">${note}</dd></div>`,
  )}</dl>`
}

/** Cells that are numbers are set to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number | Html)[])[]): Html {
  return html`<div class="wide"><table><thead><tr>${head.map((cell) => html`<th>${cell}</th>`)}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell) => (typeof cell === 'number' ? html`<td class="number">${shown(cell)}</td>` : html`<td>${cell}</td>`))}</tr>`,
  )}</tbody></table></div>`
}

/** Four significant digits, integers as they are. */
function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4)
}

/** Names and values, in columns. */
export function facts(title: string, entries: readonly (readonly [name: string, value: string])[]): Html {
  return html`<div class="facts"><h3>${title}</h3><dl>${entries.map(
    ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`,
  )}</dl></div>`
}
