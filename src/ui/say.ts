/** @file Faults → sentences: what went wrong and what to do. The only place where a code becomes words. */
import { Fault } from '../shared/fault'
import type { Words } from './words/en'

/** Undefined for what is not worth a word: something that the person stopped. */
export const sayFault = (words: Words, thrown: unknown): string | undefined => {
  const { faults } = words
  if (!(thrown instanceof Fault)) return faults.unknown
  const { what, reason } = thrown.detail
  switch (thrown.code) {
    case 'aborted':
      return undefined
    case 'unsupported':
      if (what === 'webgl') return faults.webgl
      if (what === 'sound') return faults.soundMissing
      if (what === 'browser-voice') return faults.browserVoice
      if (what === 'recording') return faults.cannotRecord
      if (what === 'storage') return faults.storage
      if (what === 'film') return faults.film
      if (what === 'tab-sound') return faults.tabSound
      if (what === 'microphone') return faults.noMicrophone
      return faults.unknown
    case 'not-allowed':
      if (what === 'tab-sound') return faults.tabRefused
      if (what === 'microphone') return faults.microphoneRefused
      return faults.sound
    case 'bad-input':
      if (what === 'avatar') return faults.avatar[reason as keyof Words['faults']['avatar']]
      if (what === 'motion') {
        const { joints } = thrown.detail
        if (typeof joints === 'string') return faults.motionJoints(joints)
        return faults.motion[reason as keyof Words['faults']['motion']]
      }
      if (reason === 'gone') return faults.avatar.gone
      if (reason === 'nothing-to-say') return faults.nothingToSay
      if (reason === 'bad-recording') return faults.badRecording
      if (reason === 'too-long') return faults.tooLong
      if (reason === 'no-tab-sound') return faults.tabSilent
      if (reason === 'not-avatar') return faults.notAvatar
      return faults.unknown
    case 'offline':
      return faults.offline
    case 'load-failed':
    case 'corrupt-file':
    case 'bad-reply':
      return faults.loadFailed
    case 'no-room':
      return faults.noRoom
    case 'out-of-memory':
    case 'device-lost':
      return faults.outOfMemory
    case 'worker-died':
      return faults.died
    case 'busy':
    case 'unknown':
      return faults.unknown
  }
}
