import { fetched, PACKAGES } from './integration/public-models.ts'
for (const p of PACKAGES.slice(0,1)) console.log(p.name, JSON.stringify(fetched(p)))
