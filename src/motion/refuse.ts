/** @file Why a file is no motion: reasons that the interface has words for. */
import { Fault } from '../shared/fault'

export type BadMotion =
  /** No file of this kind, or its text cannot be read. */
  | 'format'
  /** It ends before it should. */
  | 'truncated'
  /** It contradicts itself. */
  | 'broken'
  /** No skeleton in which a human can be recognised. */
  | 'no-humanoid'
  /** A humanoid, but nothing moves it. */
  | 'no-motion'

export const refuse = (reason: BadMotion, message: string, cause?: unknown): never => {
  throw new Fault('bad-input', message, { detail: { what: 'motion', reason }, cause })
}

/** A skeleton in which nobody is recognised, by the names of its joints: its maker knows them. */
export const refuseJoints = (names: readonly string[]): never => {
  const named = names.filter((name) => name.trim())
  const joints = `${named.slice(0, 8).join(', ')}${named.length > 8 ? ' …' : ''}`
  throw new Fault('bad-input', `no human skeleton in these joints: ${named.slice(0, 60).join(', ')}`, {
    detail: { what: 'motion', reason: 'no-humanoid' satisfies BadMotion, ...(joints && { joints }) },
  })
}
