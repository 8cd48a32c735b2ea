// The colour of every element: the hues of Jmol (jmol.sourceforge.net/jscolors), a little calmer.

import { symbolOf } from '../crystal/elements.ts'

const JMOL =
  'ffffff d9ffff cc80ff c2ff00 ffb5b5 909090 3050f8 ff0d0d 90e050 b3e3f5 ab5cf2 8aff00 bfa6a6 f0c8a0 ff8000 ffff30 ' +
  '1ff01f 80d1e3 8f40d4 3dff00 e6e6e6 bfc2c7 a6a6ab 8a99c7 9c7ac7 e06633 f090a0 50d050 c88033 7d80b0 c28f8f 668f8f ' +
  'bd80e3 ffa100 a62929 5cb8d1 702eb0 00ff00 94ffff 94e0e0 73c2c9 54b5b5 3b9e9e 248f8f 0a7d8c 006985 c0c0c0 ffd98f ' +
  'a67573 668080 9e63b5 d47a00 940094 429eb0 57178f 00c900 70d4ff ffffc7 d9ffc7 c7ffc7 a3ffc7 8fffc7 61ffc7 45ffc7 ' +
  '30ffc7 1fffc7 00ff9c 00e675 00d452 00bf38 00ab24 4dc2ff 4da6ff 2194d6 267dab 266696 175487 d0d0e0 ffd123 b8b8d0 ' +
  'a6544d 575961 9e4fb5 ab5c00 754f45 428296 420066 007d00 70abfa 00baff 00a1ff 008fff 0080ff 006bff 545cf2 785ce3 ' +
  '8a4fe3 a136d4'

/** Share of grey that takes the edge off the screaming ones. */
const GREY = 0.3

const COLOURS: readonly string[] = JMOL.split(' ').map((hex) => {
  const [r, g, b] = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
  // Luma of Rec. 601: the grey of the same brightness.
  const grey = 0.299 * r + 0.587 * g + 0.114 * b
  const mixed = [r, g, b].map((channel) => Math.round(channel * (1 - GREY) + grey * GREY))
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
})

/** Of an atomic number; a neutral grey for those past californium. */
export function elementColour(element: number): string {
  return COLOURS[element - 1] ?? '#a0a0a8'
}

/** What a site is called in the page: the symbol of its main occupant, and its number from 1. */
export function siteName(element: number, site: number): string {
  return `${symbolOf(element)}${site + 1}`
}
