/** @file What is here of which repository, and what its hub lists of it: the depot's side of the shelf. */
import { SvelteMap } from 'svelte/reactivity'
import type { Depot, KeptFile, KeptRepo, ListedFile, Listing } from '../shared/contracts'
import type { Remote } from '../shared/wire'
import { lookAtStorage, type Storage } from './device'
import { filesOf, type Needed } from './files'
import { OWN_COMMIT } from './folder'
import type { Model, ModelVariant } from './model'
import type { Sizes } from './placement'

/** By repository. */
type Listings = Readonly<Record<string, Listing>>

export interface StockParts {
  readonly depot: Remote<Depot>
  /** Listings that are known over visits. */
  readonly listings: () => Listings
  readonly keep: (listings: Listings) => void
}

type Whole = Extract<Needed, { kind: 'whole' }>

export class Stock {
  readonly #parts: StockParts
  readonly #listings = new SvelteMap<string, Listing>()
  #kept = $state.raw<readonly KeptRepo[]>([])
  #storage = $state.raw<Storage | undefined>(undefined)

  constructor(parts: StockParts) {
    this.#parts = parts
  }

  get kept(): readonly KeptRepo[] {
    return this.#kept
  }

  /** Of the browser's, as it was when what is here was last looked at. */
  get storage(): Storage | undefined {
    return this.#storage
  }

  /** Bytes of all that is kept, each file once. */
  get usedBytes(): number {
    const files = new Map(
      this.#kept.flatMap(({ files }) => files.map(({ sha256, bytes }) => [sha256, bytes])),
    )
    return [...files.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  /** What is here is looked at anew. */
  async look(signal: AbortSignal): Promise<void> {
    this.#kept = await this.#parts.depot.list(signal)
    this.#storage = await lookAtStorage()
  }

  /** All that is here of its repository, whole or not, at whatever commit. */
  bytesOf(model: Model): number {
    const mine = this.#kept.filter(({ repo }) => repo === repoOf(model))
    return mine.reduce((all, kept) => all + bytesOf(kept), 0)
  }

  /** The fullest: a repository may be here at several commits, and from a folder besides. */
  of(model: Model): KeptRepo | undefined {
    return this.#kept
      .filter(({ repo }) => repo === repoOf(model))
      .toSorted((a, b) => bytesOf(b) - bytesOf(a))[0]
  }

  /** The commit of a hub at which something of it is here. */
  pinned(repo: string): string | undefined {
    return this.#kept.find((kept) => kept.repo === repo && kept.commit !== OWN_COMMIT)?.commit
  }

  /** For this visit all of it, for the next one what is of use to the model. */
  list(model: Model, list: Listing) {
    this.#listings.set(list.repo, list)
    const paths = new Set(
      model.variants.flatMap((variant) => {
        const needed = filesOf(model, variant, list)
        return needed.kind === 'whole' ? needed.files.map(({ path }) => path) : []
      }),
    )
    const files = list.files.filter(({ path }) => paths.has(path))
    this.#parts.keep({ ...this.#parts.listings(), [list.repo]: { ...list, files } })
  }

  /** What the hub lists, or as long as it has not been asked, what is here of it. */
  sizes(model: Model, variant: ModelVariant): Sizes | 'missing' | undefined {
    const list = this.#listingOf(model)
    if (list) return sizesIn(model, variant, list)
    const kept = this.of(model)
    const sizes = kept && sizesIn(model, variant, listed(kept))
    return sizes === 'missing' ? undefined : sizes
  }

  /** What a variant takes, where the hub has said it. */
  needed(model: Model, variant: ModelVariant): Whole | undefined {
    const list = this.#listingOf(model)
    const needed = list && filesOf(model, variant, list)
    return needed?.kind === 'whole' ? needed : undefined
  }

  /** All files of a variant, if they are here. */
  here(model: Model, variant: ModelVariant): readonly KeptFile[] | undefined {
    const kept = this.of(model)
    if (!kept) return undefined
    const list = kept.commit === OWN_COMMIT ? undefined : this.#listingOf(model)
    const needed = filesOf(model, variant, list ?? listed(kept))
    if (needed.kind !== 'whole') return undefined
    const here = new Map(kept.files.map((file) => [file.path, file]))
    const files = needed.files.map(({ path }) => here.get(path))
    return files.every((file) => file !== undefined) ? files : undefined
  }

  /** What it has brought is here, so what other commits of the hub have left is not needed any more. */
  async settle(signal: AbortSignal, { repo, commit }: Listing): Promise<void> {
    await this.look(signal)
    for (const kept of this.#kept)
      if (kept.repo === repo && kept.commit !== commit && kept.commit !== OWN_COMMIT)
        await this.#parts.depot.remove(signal, kept)
  }

  /** Nothing of a repository is here any more. */
  async evict(signal: AbortSignal, repo: string): Promise<void> {
    for (const kept of this.#kept.filter((one) => one.repo === repo))
      await this.#parts.depot.remove(signal, kept)
    this.#listings.delete(repo)
    const { [repo]: _, ...others } = this.#parts.listings()
    this.#parts.keep(others)
    await this.look(signal)
  }

  #listingOf(model: Model): Listing | undefined {
    const repo = repoOf(model)
    return repo === undefined ? undefined : (this.#listings.get(repo) ?? this.#parts.listings()[repo])
  }
}

export const repoOf = ({ source }: Model): string | undefined =>
  source.kind === 'hub' ? source.repo : undefined

export const sizesIn = (model: Model, variant: ModelVariant, list: Listing): Sizes | 'missing' => {
  const needed = filesOf(model, variant, list)
  return needed.kind === 'whole' ? needed.sizes : 'missing'
}

/** What is here and on its way, as if it were all that the hub has. */
export const listed = ({ repo, commit, base, files, partial }: KeptRepo): Listing => ({
  repo,
  commit,
  base,
  files: [
    ...files.map(({ path, bytes, sha256 }) => fileOf(path, bytes, sha256)),
    ...partial.map(({ path, of }) => fileOf(path, of, '')), // its digest is for who fetches it
  ],
})

const fileOf = (path: string, bytes: number, hex: string): ListedFile => ({
  path,
  bytes,
  digest: { kind: 'sha256', hex },
})

/** Bytes of each of these files that are here, whole or not. */
export const begunOf = (
  { files, partial }: KeptRepo,
  of: readonly ListedFile[],
): ReadonlyMap<string, number> => {
  const here = new Map([...partial, ...files].map(({ path, bytes }) => [path, bytes]))
  return new Map(of.map(({ path }) => [path, here.get(path) ?? 0]))
}

/** All that is here of it. */
export const bytesOf = ({ files, partial }: KeptRepo): number => sum(files) + sum(partial)

export const sum = (files: Iterable<{ readonly bytes: number }>): number =>
  [...files].reduce((all, { bytes }) => all + bytes, 0)
