/** @file Faults of models and their hub → sentences; undefined for every other fault, which `say.ts` knows. */
import { Fault } from '../shared/fault'
import type { ModelWords } from './words/models'

export const sayModelFault = ({ faults }: ModelWords, thrown: unknown): string | undefined => {
  if (!(thrown instanceof Fault)) return undefined
  const { what, reason, name, on, poisoned, host, withToken, needed, free, missing } = thrown.detail
  switch (thrown.code) {
    case 'unsupported':
      if (what === 'no-model') return faults.noModel
      if (what === 'model-not-here') return faults.modelNotHere(String(name))
      if (what === 'model' || what === 'webgpu') return faults.modelNot
      return reason === 'wrong-task' ? faults.wrongTask : undefined
    case 'not-allowed':
      if (reason === 'gated') return faults.gated
      if (reason === 'no-repo') return faults.noRepo
      if (reason === 'policy') return faults.policy(String(host))
      if (reason === 'policy-redirect') return faults.policyRedirect(String(host))
      if (reason !== 'forbidden') return undefined
      return withToken === true ? faults.forbidden : faults.forbiddenWithout
    case 'bad-input':
      if (reason === 'no-repo-name') return faults.noRepoName
      if (reason === 'gone' && what === 'model') return faults.gone
      return reason === 'not-a-pack' ? faults.notAPack : undefined
    case 'load-failed':
      switch (reason) {
        case 'not-found':
          return faults.notFound
        case 'incomplete':
          return faults.incomplete((missing as readonly string[]).slice(0, 3).join(', '))
        case 'refused':
        case 'too-large':
          return faults.refused
        case 'corrupt':
        case 'changed':
          return faults.corrupt
        case 'busy':
          return faults.hubBusy
        case 'not-json':
        case 'config':
          return faults.notJson
      }
      if (poisoned !== true) return undefined
      return on === 'wasm' ? faults.modelBroke : faults.modelBrokeOnGpu
    case 'offline':
      if (what === 'runtime') return faults.runtime
      return what === 'model' ? faults.unreachable(String(host)) : undefined
    case 'no-room':
      if (what !== 'model') return undefined
      return typeof needed === 'number' && typeof free === 'number'
        ? faults.noRoomFor(needed, free)
        : faults.noRoom
    case 'busy':
      return what === 'model' ? faults.heldElsewhere : undefined
    default:
      return undefined
  }
}
