// How the elements look: custom properties that a page can set, light and dark. The sheets are constructed, which a
// Content-Security-Policy without inline styles allows.

/** Of both elements. The 3D view reads those named --view-*, as it does in the page of this package. */
const COMMON = `
  :host {
    display: block;
    color: var(--text, #1b232c);
    font: 15px/1.5 system-ui, sans-serif;
    --view-ground: #f7f9fb; --view-edge: #9aa8b6; --view-label: #44515e; --view-name: #10161c;
    --view-measure: #8a2bd2; --view-vacant: #f2f2f2; --view-attention: #ee6c1f;
    --view-axis-1: #d02f44; --view-axis-2: #1f8f4d; --view-axis-3: #2f63d8;
    --soft: #566472; --sunken: #eef1f5; --accent-soft: #e3ecf8; --error: #b3261e; --error-soft: #fdecea;
    --note-soft: #fff4e0; --focus: #2f74dd;
  }
  @media (prefers-color-scheme: dark) {
    :host {
      color: var(--text, #e5eaef);
      --view-ground: #181f25; --view-edge: #5d6c7b; --view-label: #b4c0cb; --view-name: #ffffff;
      --view-measure: #d9a2ff; --view-vacant: #e6e6e6; --view-attention: #ff8a3d;
      --view-axis-1: #ff6b7e; --view-axis-2: #4fd189; --view-axis-3: #74a0ff;
      --soft: #97a5b3; --sunken: #1e262e; --accent-soft: #1d2d44; --error: #ff9d92; --error-soft: #3a1d1b;
      --note-soft: #33290f; --focus: #86b4f4;
    }
  }
  :host([hidden]) { display: none }
  p, ul { margin: 0 }
  .quiet { color: var(--soft); font-size: .86rem }
  .error { background: var(--error-soft); color: var(--error); border-radius: .4rem; padding: .5rem .75rem;
    overflow-wrap: anywhere }
`

const VIEWER = `
  :host { height: 24rem }
  figure { margin: 0; height: 100%; display: flex; flex-direction: column; gap: .4rem }
  .scene { position: relative; flex: 1; min-height: 0; border-radius: .5rem; overflow: hidden; touch-action: none;
    background: var(--view-ground) }
  .scene:focus-visible { outline: 2px solid var(--focus); outline-offset: -2px }
  .legend { display: flex; flex-wrap: wrap; gap: .2rem .9rem; padding: 0; list-style: none; font-size: .86rem }
  .legend li { display: inline-flex; align-items: center; gap: .35rem }
  .chip { width: .8rem; height: .8rem; border-radius: 50%; background: var(--chip) }
  .chip.vacant { --chip: var(--view-vacant) }
`

const PREDICTION = `
  .quantity { color: var(--soft); font-size: .9rem }
  .value { font-size: 2.4rem; line-height: 1.15; font-weight: 300; font-variant-numeric: tabular-nums }
  .unit { font-size: 1.1rem; color: var(--soft) }
  .interval, .known { margin-bottom: .4rem }
  .verdict, .demonstration { border-radius: .4rem; padding: .4rem .75rem; margin: .4rem 0; font-size: .9rem;
    background: var(--sunken) }
  .demonstration { background: var(--note-soft) }
  .verdict.inside { background: var(--accent-soft) }
  .verdict.outside { background: var(--error-soft); color: var(--error); font-weight: 600 }
  .reasons { margin-bottom: .5rem; padding-left: 1.1rem; font-size: .86rem }
`

const SHEETS = { viewer: COMMON + VIEWER, prediction: COMMON + PREDICTION } as const

/** A shadow tree with the style of one of the elements. */
export function styledShadow(host: HTMLElement, name: keyof typeof SHEETS): ShadowRoot {
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(SHEETS[name])
  root.adoptedStyleSheets = [sheet]
  return root
}
