// What the card of a model says, in words of those who use it.

import type { Card } from '../../runtimes/card.ts'
import type { Origin } from '../../runtimes/card-provenance.ts'
import { element } from '../../src/components/dom.ts'
import { figure, inUnit, quantity } from '../../src/components/figures.ts'
import type { OpenModel } from '../state.ts'

/** The card as terms and descriptions. */
export function facts({ model, source }: OpenModel): HTMLElement[] {
  const { card, deviceReport, goldenError } = model
  const { training } = card
  const rows: [string, string | undefined][] = [
    ['predicts', card.targets.map(predicted).join(', ')],
    ['error', testErrors(card)],
    ['knows', domain(card)],
    ['purpose', card.demonstration && 'a demonstration: its values are of no use elsewhere'],
    ['trained on', training?.data],
    ['licence', card.provenance?.licence],
    ['data', origins(card.provenance?.data)],
    ['taught by', origins(card.provenance?.teachers)],
    ['notes', card.provenance?.notes?.join(' ')],
    ['network', architecture(card)],
    ['range', reach(card)],
    ['checked', goldenError === undefined ? undefined : checked(goldenError)],
    ['file', source.kind === 'bundled' ? source.url.pathname.split('/').pop() : source.name],
    ['runs on', deviceReport],
  ]
  return rows.flatMap(([term, description]) =>
    description === undefined
      ? []
      : [element('div', {}, element('dt', {}, term), element('dd', {}, description))],
  )
}

function checked(error: number): string {
  return `against crystals with known results, which it gives here to within ${error.toExponential(1)} of their size`
}

/** Whose work is in a model. */
function origins(of: readonly Origin[] = []): string | undefined {
  const texts = of.map(({ name, licence, source }) => [name, licence, source].filter(Boolean).join('; '))
  return texts.length > 0 ? texts.join('. ') : undefined
}

function predicted({ name, unit, transform }: Card['targets'][number]): string {
  const words = [quantity(name).toLowerCase(), inUnit(unit) && `in ${unit}`].filter(Boolean).join(' ')
  return `${words}${transform ? `, learned as ${transform}` : ''}`
}

/** Hyper-parameters that tell how large a network is, where it has them. */
const SIZES = { num_layers: 'layers', head_num: 'heads', model_dim: 'features' }

function architecture({ architecture, config }: Card): string {
  const sizes = Object.entries(SIZES).filter(([key]) => key in config)
  return [architecture, ...sizes.map(([key, what]) => `${config[key]} ${what}`)].join(', ')
}

/** What the model has seen. */
function domain({ domain }: Card): string {
  if (!domain) return 'its file does not say what crystals it has seen'
  const { crystals, elements, volume_per_atom } = domain
  const [least, most] = volume_per_atom.map((v) => v.toFixed(0))
  return `${crystals.fitted} crystals of ${elements.length} elements, ${least} to ${most} Å³ an atom`
}

function testErrors({ targets, training }: Card): string | undefined {
  const errors = targets.flatMap((target) => {
    const mae = training?.metrics?.[`test_mae_${target.name}`]
    return mae === undefined ? [] : [`${figure(mae, target)} ${inUnit(target.unit)}`]
  })
  return errors.length > 0 ? `${errors.join(', ')} on average, on crystals it was not trained on` : undefined
}

function reach({ geometry: { images }, radius_cost, targets }: Card): string | undefined {
  if (images?.kind !== 'sphere') return images ? 'the box of the published code' : undefined
  const cost = targets.map(({ unit }, t) => `${radius_cost?.mean[t].toPrecision(2)} ${inUnit(unit)}`)
  const moved = radius_cost ? `; atoms farther away would change values by about ${cost.join(', ')}` : ''
  return `every atom looks at those within ${images.radius.toFixed(1)} Å${moved}`
}
