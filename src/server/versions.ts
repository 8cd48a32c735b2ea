// One version of a model, open and in use: it is freed when it was replaced or unloaded and nobody uses it any more.

import type { Model } from '../../runtimes/model.ts'

export interface Version {
  readonly version: string
  readonly model: Model
  /** Does some work with the model, which is there until that is done. */
  use<T>(work: (model: Model) => Promise<T>): Promise<T>
  /** Resolves when nobody uses it and it is freed. */
  retire(): Promise<void>
}

export function versionOf(version: string, model: Model): Version {
  let users = 0
  let retired: { resolve(): void } | undefined
  const leave = () => {
    users--
    if (users === 0) retired?.resolve()
  }
  return {
    version,
    model,
    use(work) {
      users++
      return work(model).finally(leave)
    },
    async retire() {
      if (users > 0) await new Promise<void>((resolve) => (retired = { resolve }))
      await model.dispose()
    },
  }
}
