/** @file How a test in the browser makes the hub fail, and learns what it was asked. */
import type { Logged } from './hub-server.js'
import type { FaultSwitch } from './server/faults.js'

export class HubControl {
  readonly #address: string

  constructor(host: string) {
    this.#address = `${host}__hub/`
  }

  async fail(...faults: FaultSwitch[]): Promise<void> {
    await fetch(`${this.#address}faults`, { method: 'POST', body: JSON.stringify(faults) })
  }

  /** Nothing fails, nothing was asked. */
  async clear(): Promise<void> {
    await fetch(`${this.#address}faults`, { method: 'DELETE' })
    await fetch(`${this.#address}requests`, { method: 'DELETE' })
  }

  /** For a file or the API, at the hub itself or at the storage. */
  async requests(key: string, server?: 'hub' | 'storage'): Promise<readonly Logged[]> {
    const all = (await (await fetch(`${this.#address}requests`)).json()) as Logged[]
    return all.filter((request) => request.key === key && (!server || request.server === server))
  }

  /** Bytes that were sent of a file. */
  async bytes(key: string): Promise<number> {
    return (await this.requests(key)).reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
