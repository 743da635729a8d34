/** @file The avatars that are here: those that ship with the app and the person's own. */
import type { Kept, Store } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { inspect, MAX_BYTES } from './vrm-file'

/** An avatar one can bring on stage. `session`: in memory only, because it could not be kept. */
export type Member =
  | { readonly source: 'built-in'; readonly id: string; readonly file: string; readonly picture: string }
  | {
      readonly source: 'kept'
      readonly id: string
      readonly name: string
      readonly picture?: string
      readonly kept: Kept
    }
  | {
      readonly source: 'session'
      readonly id: string
      readonly name: string
      readonly picture?: string
      readonly bytes: ArrayBuffer
    }

/** Their names are in ui/words; files and pictures in public/avatars. */
const BUILT_IN: readonly Member[] = ['pip', 'fenn', 'dot'].map((id) => ({
  source: 'built-in',
  id,
  file: `avatars/${id}.vrm`,
  picture: `avatars/${id}.webp`,
}))

/** Tells the other tabs that the shelf has changed. */
const CHANNEL = 'proscenium.cast'

/** The store, from any thread: awaited in any case. */
type AnyStore = {
  readonly [K in keyof Store]: (...args: Parameters<Store[K]>) => Promise<Awaited<ReturnType<Store[K]>>>
}

export class Cast {
  readonly #store: AnyStore
  readonly #channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(CHANNEL) : undefined
  #own = $state.raw<readonly Member[]>([])
  #all = $derived([...BUILT_IN, ...this.#own])

  constructor(store: AnyStore) {
    this.#store = store
    if (this.#channel) this.#channel.onmessage = () => void this.open().catch(() => undefined)
  }

  /** Built-in ones first, then the person's own, oldest first. */
  get members(): readonly Member[] {
    return this.#all
  }

  /** Read the shelf. Throws `unsupported` where nothing can be kept; the built-in avatars are there all the same. */
  async open(): Promise<void> {
    const kept = await this.#store.list(never, 'avatars')
    this.#own = [...kept.map(member), ...this.#own.filter(({ source }) => source === 'session')]
  }

  /** The avatar by its id, or the lead where it is gone. */
  find(id: string): Member {
    return this.members.find((member) => member.id === id) ?? this.members[0]!
  }

  async bytes(signal: AbortSignal, member: Member): Promise<ArrayBuffer> {
    switch (member.source) {
      case 'session':
        return member.bytes
      case 'kept':
        return (await this.#store.get(signal, member.kept)).arrayBuffer()
      case 'built-in': {
        const response = await fetch(member.file, { signal }).catch((cause: unknown) => {
          signal.throwIfAborted()
          throw new Fault('load-failed', `${member.file} could not be reached`, { cause })
        })
        if (!response.ok) throw new Fault('load-failed', `${member.file} answered ${response.status}`)
        return response.arrayBuffer()
      }
    }
  }

  /**
   * Take in a file. Throws `bad-input` for what is no avatar. Where it cannot be kept it is a member for this session;
   * `notKept` says why.
   */
  async add(signal: AbortSignal, file: File): Promise<{ readonly member: Member; readonly notKept?: Fault }> {
    if (file.size > MAX_BYTES)
      throw new Fault('bad-input', `${file.size} bytes`, { detail: { what: 'avatar', reason: 'too-big' } })
    const bytes = await file.arrayBuffer()
    signal.throwIfAborted()
    const { name: own } = inspect(new Uint8Array(bytes))
    const name = (own || file.name.replace(/\.[^.]*$/, '')).slice(0, 60)
    try {
      const kept = await this.#store.put(signal, 'avatars', name, file)
      await this.open()
      this.#channel?.postMessage(null)
      return { member: this.find(kept.id) }
    } catch (e) {
      signal.throwIfAborted()
      const notKept = e instanceof Fault ? e : new Fault('unknown', String(e), { cause: e })
      const session: Member = { source: 'session', id: `session-${Date.now()}`, name, bytes }
      this.#own = [...this.#own, session]
      return { member: session, notKept }
    }
  }

  async rename(signal: AbortSignal, member: Member, name: string): Promise<void> {
    const trimmed = name.trim().slice(0, 60)
    if (!trimmed || member.source === 'built-in') return
    if (member.source === 'kept') await this.#store.amend(signal, member.kept, { name: trimmed })
    else this.#own = this.#own.map((one) => (one === member ? { ...member, name: trimmed } : one))
    await this.#reopen(member)
  }

  /** A small picture of it for the list, as a data: URL. */
  async portray(signal: AbortSignal, member: Member, picture: string): Promise<void> {
    if (member.source === 'built-in') return
    if (member.source === 'kept') await this.#store.amend(signal, member.kept, { picture })
    else this.#own = this.#own.map((one) => (one === member ? { ...member, picture } : one))
    await this.#reopen(member)
  }

  async remove(signal: AbortSignal, member: Member): Promise<void> {
    if (member.source === 'built-in') return
    if (member.source === 'kept') await this.#store.remove(signal, member.kept)
    else this.#own = this.#own.filter((one) => one !== member)
    await this.#reopen(member)
  }

  async #reopen({ source }: Member) {
    if (source !== 'kept') return
    await this.open()
    this.#channel?.postMessage(null)
  }
}

const member = (kept: Kept): Member => ({
  source: 'kept',
  id: kept.id,
  name: kept.name,
  kept,
  ...(kept.picture && { picture: kept.picture }),
})

const never = new AbortController().signal
