/** @file Short messages over the stage: one at a time, the newest; errors stay until they are dismissed. */

export interface Notice {
  readonly id: number
  readonly kind: 'info' | 'error'
  readonly text: string
  readonly action?: { readonly label: string; readonly act: () => void }
}

/** Long enough to read some twenty words. */
const INFO_MS = 7000

export class Notices {
  #current = $state.raw<Notice | undefined>(undefined)
  #lastId = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  get current() {
    return this.#current
  }

  show(notice: Omit<Notice, 'id'>) {
    clearTimeout(this.#timer)
    this.#current = { ...notice, id: ++this.#lastId }
    if (notice.kind === 'info' && !notice.action) this.#timer = setTimeout(() => this.dismiss(), INFO_MS)
  }

  dismiss() {
    clearTimeout(this.#timer)
    this.#current = undefined
  }
}
