/** @file Files that a person brings: added, and what came of it is said. */
import type { App } from '../../app'
import type { Given } from '../../models/folder'
import type { Model } from '../../models/model'
import type { Shelf } from '../../models/shelf.svelte'
import { isOwn } from '../../models/folder'
import { Fault } from '../../shared/fault'
import { wordsOfModels } from './words'

/** A folder of a model, or a file of models that another machine has saved. Never throws. */
export const bringing = async (
  app: App,
  shelf: Shelf,
  given: readonly Given[],
  model?: Model,
): Promise<Model | undefined> => {
  const words = wordsOfModels(app)
  const tell = (kind: 'info' | 'error', text: string) => app.notices.show({ kind, text })
  try {
    const [only] = given
    if (!only) {
      tell('error', words.shelf.folder.empty)
      return undefined
    }
    if (given.length === 1 && only.path.endsWith('.tar')) {
      const bytes = await shelf.unpack(never, only.file)
      if (bytes !== undefined) tell('info', words.shelf.carry.added(words.size(bytes)))
      return undefined
    }
    const added = await shelf.add(given, model)
    if (added.kind === 'refused') tell('error', words.refusal(added.refusal))
    else if (added.kind === 'unfit') {
      const [reason] = added.placement.reasons
      tell('error', reason ? `${words.runsNot}. ${words.reason(reason)}` : words.runsNot)
    } else if (added.kind === 'added') {
      const { name, source } = added.model
      const { own, verified, unverified } = words.shelf.folder
      const mine = source.kind === 'hub' && isOwn(source.repo)
      tell('info', mine ? own(name) : added.verified ? verified(name) : unverified(name))
      return added.model
    }
  } catch (e) {
    const { reason, path } = e instanceof Fault ? e.detail : {}
    if (typeof path === 'string' && (reason === 'corrupt' || reason === 'not-found' || reason === 'changed'))
      tell('error', words.shelf.folder.changed(path))
    else app.tell(e)
  }
  return undefined
}

const never = new AbortController().signal
