// The report of `data check` as one HTML page: what was found, and how sizes, elements and targets are distributed.

import { symbolOf } from '../../crystal/elements.ts'
import { figure, type Html, html, page, section, sideBySide, table, tiles } from '../../report/html.ts'
import { histogram, periodicTable } from '../../report/plots.ts'
import { describeDataset } from '../statistics.ts'
import type { DatasetCheck } from './check.ts'
import type { Finding } from './findings.ts'

/** Cases of a finding that are listed. */
const LISTED = 20

/** `name` is that of the data set. */
export async function checkPage(name: string, check: DatasetCheck): Promise<string> {
  const { statistics, findings, crystals } = check
  const problems = findings.filter(({ severity }) => severity === 'problem')
  const notes = findings.filter(({ severity }) => severity === 'note')
  return page({
    title: `Data check: ${name}`,
    lead: html`${describeDataset(statistics)}. ${
      problems.length === 0
        ? 'Nothing was found that would spoil a training.'
        : `What would spoil a training or its errors: ${problems.length === 1 ? 'one problem' : `${problems.length} problems`}.`
    }`,
    body: [
      headline(check),
      ...(problems.length > 0 ? [section('Problems', problems.map(found))] : []),
      ...(notes.length > 0 ? [section('Notes', notes.map(found))] : []),
      section('Targets', await targets(check)),
      section(
        'Crystals',
        figure(
          await histogram({ x: 'sites', y: 'crystals', values: crystals.map(({ sites }) => sites) }),
          'Sites per crystal.',
        ),
        figure(
          await periodicTable({
            title: 'crystals with the element',
            elements: statistics.elements.map(({ element, crystals }) => ({
              z: element,
              symbol: symbolOf(element),
              value: crystals,
              count: crystals,
            })),
          }),
          'In how many crystals each element is.',
        ),
      ),
    ],
  })
}

function headline({ statistics, findings }: DatasetCheck): Html {
  const { count, splits, sites, elements } = statistics
  const concerned = (kind: string) => findings.find((finding) => finding.kind === kind)?.count ?? 0
  return tiles([
    {
      label: 'Crystals',
      value: count.toLocaleString('en'),
      note: `train ${splits.train}, val ${splits.val}, test ${splits.test}`,
    },
    { label: 'Sites', value: String(sites.median), note: `median; from ${sites.min} to ${sites.max}` },
    { label: 'Elements', value: String(elements.length) },
    {
      label: 'Alike',
      value: String(concerned('duplicate')),
      note: 'crystals that cannot be told apart from another',
    },
  ])
}

function found({ message, cases }: Finding): Html {
  const rows = cases
    .slice(0, LISTED)
    .map(({ crystals, detail }) => [crystals.slice(0, LISTED).join(' '), detail])
  const more =
    cases.length > LISTED ? html`<p>… and ${cases.length - LISTED} more; --json lists them all.</p>` : ''
  return html`<h3>${message}</h3>${rows.length > 0 ? table(['crystals', 'what'], rows) : ''}${more}`
}

async function targets({ statistics, crystals }: DatasetCheck): Promise<Html> {
  const figures = await Promise.all(
    statistics.targets.map(async ({ name, count }) =>
      figure(
        await histogram({
          x: name,
          y: 'crystals',
          values: crystals.map(({ targets }) => targets[name]).filter((value) => value !== undefined),
        }),
        `${name} of ${count} crystals.`,
      ),
    ),
  )
  const summary = table(
    ['target', 'crystals', 'min', 'mean', 'max', 'std', 'mean absolute deviation'],
    statistics.targets.map((t) => [t.name, t.count, t.min, t.mean, t.max, t.std, t.mad]),
  )
  return html`${summary}${sideBySide(...figures)}`
}
