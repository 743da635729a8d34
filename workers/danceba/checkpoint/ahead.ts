/** @file Reading on while what was read is worked on. */

/** What comes next is asked for while this is being worked on. */
export async function* ahead<T>(source: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  const ask = () => {
    const next = source.next()
    next.catch(() => undefined) // it is thrown when it is waited for
    return next
  }
  try {
    for (let next = ask(); ;) {
      const { done, value } = await next
      if (done) return
      next = ask()
      yield value
    }
  } finally {
    await source.return()
  }
}
