/** @file A film in the making: one at a time, how far it is, and an end to it. */
import type { Camera, Film, FilmOrder } from './film'

/** A camera that must be given back. */
export interface Shooting extends Camera {
  readonly end: () => void
}

export class Filming {
  #making: AbortController | undefined
  #share = $state<number | undefined>(undefined)

  /** 0 to 1; undefined while no film is made. */
  get share(): number | undefined {
    return this.#share
  }

  /** Undefined when it was stopped, or when another one has taken its place. Throws what the camera and `film` throw. */
  async make(open: (signal: AbortSignal) => Promise<Shooting>, order: FilmOrder): Promise<Film | undefined> {
    this.stop()
    const making = (this.#making = new AbortController())
    const { signal } = making
    this.#share = 0
    let shooting: Shooting | undefined
    try {
      const { film } = await import('./film')
      shooting = await open(signal)
      return await film(signal, shooting, order, (share) => {
        if (!signal.aborted) this.#share = share
      })
    } catch (e) {
      if (signal.aborted) return undefined
      throw e
    } finally {
      shooting?.end()
      if (this.#making === making) {
        this.#making = undefined
        this.#share = undefined
      }
    }
  }

  stop() {
    this.#making?.abort()
    this.#making = undefined
    this.#share = undefined
  }
}
