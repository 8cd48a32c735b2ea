// Sources from their files to JSON lines, and the table of sources itself.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { afterAll, describe, expect, it } from 'vitest'
import { loadDataset } from '../../../src/data/dataset.ts'
import { fetchDataset } from '../../../src/data/fetch/fetch.ts'
import { SOURCES, type Source, sourceNamed } from '../../../src/data/fetch/sources.ts'
import { cif, jarvisAtoms, pymatgen, quoted, workshop } from '../formats/forms.ts'
import { refuse, serve, testServer } from './server.ts'

const { folder } = workshop()
const server = await testServer()
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** A source of the table with its files on this server. */
function local(name: string, contents: readonly Uint8Array[], overrides: Partial<Source> = {}): Source {
  const source = sourceNamed(name)
  return {
    ...source,
    files: source.files.map((file, f) => ({
      ...file,
      url: `${server.url}/${f}`,
      bytes: contents[f].length,
      checksum: {
        algorithm: 'sha256' as const,
        hex: createHash('sha256').update(contents[f]).digest('hex'),
      },
    })),
    ...overrides,
  }
}

const answerWith = (contents: readonly Uint8Array[]) =>
  server.answer((request, response) =>
    serve(Buffer.from(contents[Number(request.url?.slice(1))]))(request, response),
  )

const quick = { waitMilliseconds: 1, idleMilliseconds: 2000 }

describe('fetchDataset', () => {
  it('takes JARVIS from its zip: atoms, ids, the targets of the table, "na" as missing, ids that repeat once', async () => {
    const record = (jid: string, a: number, extra: object) => ({
      jid,
      atoms: jarvisAtoms(a),
      nat: 2,
      ...extra,
    })
    const records = [
      record('JVASP-1', 4.12, { formation_energy_peratom: -1.5, mbj_bandgap: 'na', ehull: 0 }),
      record('JVASP-2', 4.2, { formation_energy_peratom: -1.25, mbj_bandgap: 5.5, ehull: 0.1 }),
      ...Array.from({ length: 198 }, (_, i) => record(`JVASP-${i + 3}`, 4 + i / 1000, { ehull: i })),
      record('JVASP-2', 4.3, { formation_energy_peratom: -1 }),
    ]
    const zip = zipSync({ 'jdft_3d-12-12-2022.json': strToU8(JSON.stringify(records)) })
    answerWith([zip])
    const output = join(folder, 'jarvis.jsonl.gz')
    const bad: string[] = []
    const fetched = await fetchDataset(local('jarvis-dft3d', [zip]), output, {
      ...quick,
      onBadRecord: ({ message }) => bad.push(message),
    })
    expect(fetched.crystals).toBe(200)
    expect(bad).toEqual([expect.stringMatching(/record 201 .*"JVASP-2" stands on record 2/)])
    const [first, second] = await loadDataset(output)
    expect([first.id, { ...first.targets }]).toEqual([
      'JVASP-1',
      { formation_energy_peratom: -1.5, ehull: 0 },
    ])
    expect({ ...second.targets }).toEqual({ formation_energy_peratom: -1.25, mbj_bandgap: 5.5, ehull: 0.1 })

    // The file is there, and is what was published: nothing is asked of the server again.
    server.answer(refuse(500))
    await fetchDataset(local('jarvis-dft3d', [zip]), join(folder, 'again.jsonl'), {
      ...quick,
      onBadRecord: () => {},
    })
    expect(server.requests).toEqual([])
  })

  it('takes the three files of CDVAE as splits', async () => {
    const csv = (id: string, energy: number) =>
      strToU8(
        `,material_id,heat_all,heat_ref,dir_gap,ind_gap,cif\n7,${id},${energy},1,0,0,${quoted(cif())}\n`,
      )
    const contents = [csv('4', 1.5), csv('9', 2.5), csv('11', 3.5)]
    answerWith(contents)
    const output = join(folder, 'perov.jsonl.gz')
    await fetchDataset(local('perov-5', contents), output, quick)
    const crystals = await loadDataset(output)
    expect(crystals.map(({ id, split, targets }) => [id, split, targets.heat_all])).toEqual([
      ['4', 'train', 1.5],
      ['9', 'val', 2.5],
      ['11', 'test', 3.5],
    ])

    const repeated = [contents[0], contents[0], contents[2]]
    answerWith(repeated)
    const bad: string[] = []
    const onBadRecord = ({ message }: Error) => bad.push(message)
    const fetched = await fetchDataset(local('perov-5', repeated), output, { ...quick, onBadRecord })
    expect(fetched.crystals).toBe(2)
    expect(bad).toEqual(['perov_5-val.csv: id "4" stands in an earlier file already'])
  })

  it('takes matbench, and names rows as the benchmark does', async () => {
    const table = {
      index: [0, 1],
      columns: ['structure', 'gap pbe'],
      data: [
        [pymatgen(4.12), 0.5],
        [pymatgen(4.2), 1.5],
      ],
    }
    const contents = [gzipSync(JSON.stringify(table))]
    answerWith(contents)
    const output = join(folder, 'gap.jsonl')
    await fetchDataset(local('matbench_mp_gap', contents), output, quick)
    const crystals = await loadDataset(output)
    expect(crystals.map(({ id, targets }) => [id, targets['gap pbe']])).toEqual([
      ['mb-mp-gap-000001', 0.5],
      ['mb-mp-gap-000002', 1.5],
    ])
  })

  it('takes MEGNet, whose structures are CIF in JSON', async () => {
    const records = [4.12, 4.2].map((a, i) => ({
      material_id: `mp-${i}`,
      structure: cif(a),
      graph: { bond: [[1, 0, 1]] },
      formation_energy_per_atom: -i - 1,
      band_gap: 2,
    }))
    const contents = [zipSync({ 'mp.2018.6.1.json': strToU8(JSON.stringify(records)) })]
    answerWith(contents)
    const output = join(folder, 'megnet.jsonl')
    await fetchDataset(local('megnet', contents), output, quick)
    expect((await loadDataset(output)).map(({ id, targets }) => [id, { ...targets }])).toEqual([
      ['mp-0', { formation_energy_per_atom: -1, band_gap: 2 }],
      ['mp-1', { formation_energy_per_atom: -2, band_gap: 2 }],
    ])
  })

  it('leaves no output behind when a file is not the published one', async () => {
    const right = zipSync({ 'a.json': strToU8('[]') })
    const wrong = zipSync({ 'b.json': strToU8('[]') })
    answerWith([wrong])
    const output = join(folder, 'never.jsonl')
    const before = readdirSync(folder)
    rmSync(join(folder, 'jdft_3d-12-12-2022.json.zip'), { force: true })
    await expect(fetchDataset(local('jarvis-dft3d', [right]), output, quick)).rejects.toThrow(/published is/)
    expect(existsSync(output)).toBe(false)
    expect(readdirSync(folder).filter((name) => !before.includes(name))).toEqual([])
  })
})

describe('SOURCES', () => {
  it('say what is known when a name is not', () => {
    expect(() => sourceNamed('mp')).toThrow(/no public data set "mp" is known; known are: jarvis-dft3d,/)
  })

  it('are complete, and have names of their own', () => {
    expect(new Set(SOURCES.map(({ name }) => name)).size).toBe(SOURCES.length)
    for (const { name, files, targets, crystals, licence, citation, page } of SOURCES) {
      expect(name).toMatch(/^[a-z0-9_-]+$/)
      expect(sourceNamed(name).name).toBe(name)
      expect(Object.keys(targets).length).toBeGreaterThan(0)
      expect(crystals).toBeGreaterThan(0)
      expect(licence && citation).not.toBe('')
      expect(new URL(page).protocol).toBe('https:')
      for (const { url, name: file, checksum } of files) {
        expect(new URL(url).protocol).toBe('https:')
        expect(file).not.toMatch(/[/\\]/)
        if (checksum)
          expect(checksum.hex).toMatch(checksum.algorithm === 'md5' ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{64}$/)
      }
    }
  })
})
