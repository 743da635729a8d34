/** @file Faults of Danceba → sentences; undefined for those that `say.ts` knows better. */
import { Fault } from '../shared/fault'
import type { checkpointWords, danceWords } from './words/danceba'
import type { GuestWords } from './words/guest'

/** Of its files: why they were not taken. */
export const sayFilesFault = (
  words: GuestWords,
  checkpoints: (typeof checkpointWords)['zh'],
  thrown: unknown,
): string => {
  const { faults, size } = words
  if (!(thrown instanceof Fault)) return faults.broken
  const { what, reason, name, needed, free } = thrown.detail
  switch (thrown.code) {
    case 'bad-input': {
      if (what !== 'checkpoint' || typeof reason !== 'string' || !(reason in checkpoints))
        return faults.broken
      const sentence = checkpoints[reason as keyof typeof checkpoints](thrown.detail)
      return typeof name === 'string' ? faults.for(name) + sentence : sentence
    }
    case 'no-room':
      return typeof needed === 'number' && typeof free === 'number'
        ? faults.noRoom(size(needed), size(free))
        : faults.noRoomAtAll
    case 'unsupported':
      return faults.noFolder
    case 'offline':
      return faults.unreachable
    case 'not-allowed':
      return reason === 'policy' || reason === 'policy-redirect' ? faults.policy : faults.gated
    case 'load-failed':
      return reason === 'not-found' ? faults.notFound : faults.refused
    default:
      return faults.broken
  }
}

/** Of its work: why there is no dance by it. */
export const sayGuestFault = (
  { faults }: GuestWords,
  dances: (typeof danceWords)['zh'],
  thrown: unknown,
): string | undefined => {
  if (!(thrown instanceof Fault)) return faults.broke
  const { what, reason } = thrown.detail
  const known = what === 'danceba' || what === 'music' || what === 'order'
  if (known && typeof reason === 'string' && reason in dances)
    return dances[reason as keyof typeof dances](thrown.detail) + faults.instead
  switch (thrown.code) {
    case 'bad-input':
      return reason === 'gone' ? faults.gone : faults.unfit
    case 'unsupported':
      return faults.noGpu
    case 'out-of-memory':
      return faults.memory
    case 'device-lost':
      return faults.gpu
    case 'load-failed':
    case 'worker-died':
    case 'unknown':
      return faults.broke
    default:
      return undefined
  }
}
