// `<crystal-prediction>`: what a model says of a crystal: value, interval, and whether it can be trusted.

import type { Model } from '../../runtimes/model.ts'
import { ConfigError } from '../errors.ts'
import { element, fill } from './dom.ts'
import { failureOf } from './failure.ts'
import { type Hold, holdModel } from './models.ts'
import { predictionParts } from './prediction.ts'
import { StructureElement } from './structure-element.ts'
import { styledShadow } from './style.ts'

/**
 * A prediction. Attributes: `model` (address of an .onnx file), `src` (address of a structure file), `index` (which structure
 * of the file, from 0), `level` (probability of the interval). Properties: `structure`; `model`, which may be one that is open
 * already. Elements with the same address share a model. Events: `crystal-prediction` with the prediction as `detail`,
 * `crystal-error`.
 */
export class CrystalPrediction extends StructureElement {
  /** Attributes whose changes are followed. */
  static readonly observedAttributes = ['src', 'index', 'model', 'level']
  #model: Model | undefined
  #hold: Hold | undefined
  #panel: HTMLElement | undefined
  #turn = 0

  /** Address of a model, or one that is open: the element does not close that. */
  get model(): string | Model | undefined {
    return this.#model ?? this.getAttribute('model') ?? undefined
  }

  /** An address, or a model that is open already. */
  set model(model: string | Model | undefined) {
    this.#model = typeof model === 'object' ? model : undefined
    const address = this.getAttribute('model')
    // A change of the attribute is followed by itself.
    if (typeof model === 'string' && model !== address) this.setAttribute('model', model)
    else if (typeof model !== 'string' && address !== null) this.removeAttribute('model')
    else if (this.isConnected) this.changed('model')
  }

  /** Called by the browser: the element is in a page. */
  override connectedCallback(): void {
    this.#take()
    super.connectedCallback()
  }

  /** Called by the browser: the element was taken out. */
  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#turn++
    this.#leave()
  }

  protected override changed(name: string): void {
    if (name === 'model') {
      this.#leave()
      this.#take()
    }
    this.showStructure()
  }

  protected override showStructure(): void {
    void this.#predict()
  }

  protected override showError(error: Error): void {
    const { code, message } = failureOf(error)
    this.#show(
      element('p', { class: 'quantity' }, 'no prediction'),
      element('p', { class: 'error' }, `${code}: ${message}`),
    )
  }

  async #predict(): Promise<void> {
    const turn = ++this.#turn
    const { structure } = this
    const opening = this.#model ?? this.#hold?.model
    if (!structure || !opening) return this.#show()
    this.#show(element('p', { class: 'quantity' }, 'predicting…'))
    try {
      const model = await opening
      const level = this.getAttribute('level')
      const prediction = await model.predict(structure, level === null ? {} : { level: levelOf(level) })
      if (turn !== this.#turn) return
      this.#show(...predictionParts(prediction, model.card))
      this.tell('crystal-prediction', prediction)
    } catch (error) {
      if (turn === this.#turn) this.fail(error)
    }
  }

  #show(...children: readonly HTMLElement[]): void {
    if (!this.#panel) {
      this.#panel = element('div', { part: 'prediction', 'aria-live': 'polite' })
      styledShadow(this, 'prediction').append(this.#panel)
    }
    fill(this.#panel, ...children)
  }

  #take(): void {
    const address = this.#model ? null : this.getAttribute('model')
    this.#hold = address === null ? undefined : holdModel(address)
    // Told of when something is to be predicted with it.
    this.#hold?.model.catch(() => {})
  }

  #leave(): void {
    this.#hold?.release()
    this.#hold = undefined
  }
}

function levelOf(text: string): number {
  const level = Number(text)
  if (text.trim() === '' || Number.isNaN(level)) {
    throw new ConfigError(`level "${text}": expected a probability such as 0.9`)
  }
  return level
}
