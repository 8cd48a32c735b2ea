// Runs cells of the matrix: projects that have the same packages are one.

import { join } from 'node:path'
import type { Cell } from './cells.ts'
import { emptyProject, npmProject, type Project } from './project.ts'

/** What came of a cell. */
export interface Outcome {
  readonly cell: Cell
  readonly version?: string
  /** why it does not work, or cannot be run here */
  readonly failure?: string
}

/** @param folder outside of this tree */
export function projectsIn(folder: string, tarball: string): (cell: Cell) => Promise<Project> {
  const made = new Map<string, Promise<Project>>()
  return ({ place, packages }) => {
    const key = packages ? packages.join(' ') : place
    const path = join(folder, `project-${made.size}`)
    const project =
      made.get(key) ?? (packages ? npmProject(path, tarball, packages) : Promise.resolve(emptyProject(path)))
    made.set(key, project)
    return project
  }
}

export async function runCells(
  cells: readonly Cell[],
  folder: string,
  tarball: string,
  onOutcome: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const projectOf = projectsIn(folder, tarball)
  const outcomes: Outcome[] = []
  for (const cell of cells) {
    const outcome = await projectOf(cell)
      .then((project) => cell.run(project, tarball))
      .then(
        (version) => ({ cell, version }),
        (error: Error) => ({ cell, failure: error.message }),
      )
    outcomes.push(outcome)
    onOutcome(outcome)
  }
  return outcomes
}
