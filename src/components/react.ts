/**
 * Models in React: a hook that opens one, shares it between components, and closes it.
 *
 * @module crystal-onnx/react
 */

import { useEffect, useState } from 'react'
import type { LoadProgress, Model } from '../../runtimes/model.ts'
import { holdModel, type ModelSource, type SharedOptions } from './models.ts'

/** A model on its way, there, or refused. */
export interface UsedModel {
  /** there, once it is open and has passed its self-check */
  readonly model: Model | undefined
  /** why it cannot be opened: an error of this package, with its `code` */
  readonly error: Error | undefined
  /** how far the loading is */
  readonly progress: LoadProgress | undefined
}

const NOTHING: UsedModel = { model: undefined, error: undefined, progress: undefined }

/**
 * Opens a model, for as long as a component uses it. Components that ask for the same address with the same options share
 * one. On a server that renders nothing is opened.
 * @param source address of an .onnx file, a File or bytes; undefined, as long as there is none
 */
export function useModel(source: ModelSource | undefined, options: SharedOptions = {}): UsedModel {
  const [state, setState] = useState(NOTHING)
  // Options are mostly written where they are used: another object each time, which says the same.
  const wanted = JSON.stringify(Object.entries(options).sort())
  useEffect(() => {
    setState(NOTHING)
    if (source === undefined) return
    let left = false
    const set = (change: Partial<UsedModel>) => {
      if (!left) setState((before) => ({ ...before, ...change }))
    }
    const hold = holdModel(source, options, (progress) => set({ progress }))
    hold.model.then(
      (model) => set({ model, progress: undefined }),
      (error: Error) => set({ error, progress: undefined }),
    )
    return () => {
      left = true
      hold.release()
    }
  }, [source, wanted])
  return state
}
