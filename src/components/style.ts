// How the elements look. Their text has the colour of the page around them, and what is tinted is tinted over its ground;
// only the 3D view needs colours of its own, for dark pages and for light ones. The sheets are constructed, which a
// Content-Security-Policy without inline styles allows.

const COMMON = `
  :host { display: block }
  :host([hidden]) { display: none }
  p, ul { margin: 0 }
  .quiet, .quantity, .unit { color: color-mix(in srgb, currentColor 72%, transparent) }
  .quiet, .legend, .reasons { font-size: .86rem }
  .error, .verdict, .demonstration { border-radius: .4rem; padding: .4rem .75rem; overflow-wrap: anywhere;
    background: color-mix(in srgb, currentColor 8%, transparent) }
  .error, .verdict.outside { background: color-mix(in srgb, #e0392b 22%, transparent) }
`

/** The page of this package gives the 3D view colours of these names too. */
const LIGHT = `
  :host {
    --view-ground: #f7f9fb; --view-edge: #9aa8b6; --view-label: #44515e; --view-name: #10161c;
    --view-vacant: #f2f2f2;
  }
`
const DARK = `
  :host {
    --view-ground: #181f25; --view-edge: #5d6c7b; --view-label: #b4c0cb; --view-name: #ffffff;
    --view-vacant: #e6e6e6;
  }
`

const VIEWER = `
  :host { height: 24rem }
  figure { margin: 0; height: 100%; display: flex; flex-direction: column; gap: .4rem }
  .scene { position: relative; flex: 1; min-height: 0; border-radius: .5rem; overflow: hidden; touch-action: none;
    background: var(--view-ground) }
  .scene:focus-visible { outline: 2px solid #2f74dd; outline-offset: -2px }
  .legend { display: flex; flex-wrap: wrap; gap: .2rem .9rem; padding: 0; list-style: none }
  .legend li { display: inline-flex; align-items: center; gap: .35rem }
  .chip { width: .8rem; height: .8rem; border-radius: 50%; background: var(--chip) }
  .legend .share { display: inline-flex; align-items: center; gap: .25rem }
  .chip.vacant { --chip: var(--view-vacant) }
`

const PREDICTION = `
  .quantity { font-size: .9rem }
  .value { font-size: 2.4rem; line-height: 1.15; font-weight: 300; font-variant-numeric: tabular-nums }
  .unit { font-size: 1.1rem }
  .interval, .known { margin-bottom: .4rem }
  .verdict, .demonstration { margin: .4rem 0; font-size: .9rem }
  .demonstration { background: color-mix(in srgb, #e8a317 22%, transparent) }
  .verdict.inside { background: color-mix(in srgb, #2f74dd 16%, transparent) }
  .verdict.outside { font-weight: 600 }
  .reasons { margin-bottom: .5rem; padding-left: 1.1rem }
`

const SHEETS = { viewer: COMMON + VIEWER, prediction: COMMON + PREDICTION } as const

/** A shadow tree with the style of one of the elements. */
export function styledShadow(host: HTMLElement, name: keyof typeof SHEETS): ShadowRoot {
  const root = host.attachShadow({ mode: 'open' })
  root.adoptedStyleSheets = [sheetOf(SHEETS[name])]
  return root
}

/** Gives the 3D view in a shadow tree the colours that go with the text around it. */
export function matchPage(root: ShadowRoot): void {
  root.adoptedStyleSheets = [root.adoptedStyleSheets[0], sheetOf(isLightOnDark(root.host) ? DARK : LIGHT)]
}

function sheetOf(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(text)
  return sheet
}

function isLightOnDark(element: Element): boolean {
  const { color } = getComputedStyle(element)
  const [r, g, b] = (color.match(/[\d.]+/g) ?? []).map(Number)
  // Luma of Rec. 601. Colours that are not given as red, green and blue are taken as dark text.
  return color.startsWith('rgb') && 0.299 * r + 0.587 * g + 0.114 * b > 128
}
