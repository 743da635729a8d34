/** @file Files that the person brings: a folder of a model, or what another machine has saved, as models on the shelf. */
import type { Depot } from '../shared/contracts'
import { Fault } from '../shared/fault'
import type { Remote } from '../shared/wire'
import { filesOf } from './files'
import { folderOf, isOwn, listingOf, modelNamed, ownRepo, textsOf, type Folder, type Given } from './folder'
import { listing, type Access } from './hub'
import { inspect, READ, type Refusal } from './inspect'
import type { Jobs } from './jobs.svelte'
import { Meter } from './meter'
import type { Model, ModelVariant } from './model'
import type { Placement, Sizes } from './placement'
import { listed, repoOf, sizesIn, type Stock } from './stock.svelte'

/** What came of files that the person has given. */
export type Added =
  /** `verified`: they are what the hub lists; else nobody could be asked. */
  | { readonly kind: 'added'; readonly model: Model; readonly verified: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It would not run on this device. */
  | { readonly kind: 'unfit'; readonly placement: Placement & { readonly runs: false } }
  | { readonly kind: 'stopped' }

export interface AddingParts {
  readonly depot: Remote<Depot>
  readonly jobs: Jobs
  readonly stock: Stock
  readonly access: () => Access
  /** All that are known. */
  readonly models: () => readonly Model[]
  /** From now on this one is known, too. */
  readonly adopt: (model: Model) => void
  /** Where it would run, with these files; undefined while the device is not known. */
  readonly place: (model: Model, sizes: (variant: ModelVariant) => Sizes | 'missing') => Placement | undefined
}

export class Adding {
  readonly #parts: AddingParts

  constructor(parts: AddingParts) {
    this.#parts = parts
  }

  /** As `Shelf.add`. */
  async add(given: readonly Given[], which?: Model): Promise<Added> {
    const { models, adopt } = this.#parts
    const folder = folderOf(given, which?.name ?? 'model')
    const known = which ?? modelNamed(folder.name, models())
    const repo = known && repoOf(known)
    if (known && repo !== undefined) return this.#addTo(known, repo, folder)
    const own = ownRepo(folder)
    const found = inspect(listingOf(folder, own), await textsOf(folder.files))
    if (found.kind === 'refused') return found
    const added = await this.#addTo(found.model, own, folder)
    if (added.kind === 'added') adopt(found.model)
    return added
  }

  /** What is here and belongs to no model that is known: read as a repository of the hub would be. */
  async recognise(signal: AbortSignal) {
    for (const kept of this.#parts.stock.kept) {
      if (this.#parts.models().some((model) => repoOf(model) === kept.repo)) continue
      const files = kept.files.filter(({ path }) => READ.some((read) => read === path))
      const given = files.map(async (file) => ({
        path: file.path,
        file: await this.#parts.depot.read(signal, file),
      }))
      const found = inspect(listed(kept), await textsOf(await Promise.all(given)))
      if (found.kind === 'model') this.#parts.adopt(found.model)
    }
  }

  /** The files of a folder that make up a model, where there are enough of them. */
  async #addTo(model: Model, repo: string, folder: Folder): Promise<Added> {
    const own = listingOf(folder, repo)
    const placement = this.#parts.place(model, (variant) => sizesIn(model, variant, own))
    if (!placement) return { kind: 'stopped' }
    const variant = placement.runs && placement.on !== 'browser' ? placement.variant : model.variants[0]
    const needed = variant && filesOf(model, variant, own)
    if (needed?.kind === 'lacking')
      return { kind: 'refused', refusal: { why: 'files-missing', paths: needed.missing } }
    if (!placement.runs) return { kind: 'unfit', placement }
    const { jobs, stock, depot } = this.#parts
    const at = new Map(folder.files.map(({ path, file }) => [path, file]))
    const files = (needed?.files ?? []).map(({ path }) => ({ path, file: at.get(path)! }))
    const verified: boolean[] = []
    await jobs.run(
      model.id,
      'folder',
      0,
      async (signal, watch) => {
        const list = isOwn(repo) ? undefined : await this.#asked(signal, repo)
        const { commit, base } = own
        if (list) stock.list(model, list)
        // Another folder of the same name takes the place of the one before.
        else await depot.remove(signal, { repo, commit })
        const steps = await depot.add(signal, list ?? { repo, commit, base }, files)
        await watch(new Meter(needed?.sizes.disk ?? 0), steps)
        verified.push(list !== undefined)
      },
      () => stock.look(never),
    )
    return verified[0] === undefined ? { kind: 'stopped' } : { kind: 'added', model, verified: verified[0] }
  }

  /** What the hub lists; undefined where nobody answers. */
  async #asked(signal: AbortSignal, repo: string) {
    try {
      return await listing(signal, repo, 'main', { ...this.#parts.access(), patience: BRIEFLY })
    } catch (e) {
      if (signal.aborted || !(e instanceof Fault)) throw e
      return undefined
    }
  }
}

const never = new AbortController().signal

/** A person waits to see whether their files are good. */
const BRIEFLY = { tries: 2, firstMs: 300, longestMs: 1000, stallMs: 5000 }
