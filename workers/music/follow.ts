/** @file Music that comes through a port while it sounds: heard at once, looked at once a second. */
import type { Score } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { Follower } from './follower'

/** As `Music.follow` says. Nothing runs while nothing comes. Throws `bad-input` where `sampleRate` is none. */
export async function* follow(
  signal: AbortSignal,
  port: MessagePort,
  sampleRate: number,
): AsyncGenerator<Score, void> {
  signal.throwIfAborted()
  if (!(sampleRate >= 1000 && sampleRate < Infinity))
    throw new Fault('bad-input', `Sound has no rate of ${sampleRate} Hz`)
  const follower = new Follower(sampleRate)
  let wake: (() => void) | undefined
  const wakeNow = () => wake?.()
  // Heard even while nobody asks for a score, so that nothing piles up.
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data instanceof Float32Array) follower.hear(data)
    if (follower.due) wakeNow()
  }
  signal.addEventListener('abort', wakeNow)
  try {
    for (;;) {
      signal.throwIfAborted()
      const score = follower.due ? follower.look() : undefined
      if (score) yield score
      else if (!follower.due)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    signal.removeEventListener('abort', wakeNow)
    port.close()
  }
}
