// The first half of `npm run size`: the browser's entries, minified, where .size-limit.json looks for them. The limits are
// for everything of ours that a page can ask for, the checks of zod in it included, and for what its workers load, which
// make the tables and compute; what is of others stands beside it.

import { buildPackage } from '../test/browser/built.ts'

await buildPackage('size', { minify: true })
