// The first half of `npm run size`: the browser's entries, minified, where .size-limit.json looks for them. The limits are
// for everything of ours that a page can ask for, the checks of zod in it included, and for what its worker loads, which
// makes the tables; what is of others stands beside it.

import { buildPackage } from '../test/browser/built.ts'

await buildPackage('size', { minify: true })
