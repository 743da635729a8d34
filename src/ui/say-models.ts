/** @file Faults of models and their hub → sentences; undefined for every other fault, which `say.ts` knows. */
import { Fault } from '../shared/fault'
import type { ModelWords } from './words/models'

export const sayModelFault = ({ faults }: ModelWords, thrown: unknown): string | undefined => {
  if (!(thrown instanceof Fault)) return undefined
  const { what, reason, name, poisoned } = thrown.detail
  switch (thrown.code) {
    case 'unsupported':
      if (what === 'no-model') return faults.noModel
      if (what === 'model-not-here') return faults.modelNotHere(String(name))
      if (what === 'model' || what === 'webgpu') return faults.modelNot
      return reason === 'wrong-task' ? faults.wrongTask : undefined
    case 'not-allowed':
      if (reason === 'gated') return faults.gated
      return reason === 'forbidden' ? faults.forbidden : undefined
    case 'bad-input':
      if (reason === 'no-repo-name') return faults.noRepoName
      return reason === 'not-a-pack' ? faults.notAPack : undefined
    case 'load-failed':
      switch (reason) {
        case 'not-found':
          return faults.notFound
        case 'corrupt':
        case 'changed':
          return faults.corrupt
        case 'busy':
          return faults.hubBusy
        case 'not-json':
        case 'config':
          return faults.notJson
      }
      return poisoned === true ? faults.modelBroke : undefined
    default:
      return undefined
  }
}
