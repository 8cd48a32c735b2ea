// The 3D view by the keyboard.

import type { Scene } from './scene.ts'

const ACTIONS: Readonly<Record<string, (view: Scene) => void>> = {
  ArrowLeft: (view) => view.rotate(-10, 'y'),
  ArrowRight: (view) => view.rotate(10, 'y'),
  ArrowUp: (view) => view.rotate(-10, 'x'),
  ArrowDown: (view) => view.rotate(10, 'x'),
  '+': (view) => view.zoom(1.2),
  '-': (view) => view.zoom(1 / 1.2),
  '0': (view) => view.reset(),
}

/** Turning and zooming with the keyboard. */
export function sceneKeys(container: HTMLElement, scene: () => Promise<Scene> | undefined): void {
  container.tabIndex = 0
  container.addEventListener('keydown', async (event) => {
    const action = ACTIONS[event.key]
    if (!action || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const view = await scene()
    if (view) action(view)
  })
}
