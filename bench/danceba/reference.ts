/** @file The reference's numbers, which the suite serves beside its page where they are there. */

const at = (path: string) => new URL(`/reference/${path}`, self.location.origin)

const got = async (path: string): Promise<Response | undefined> => {
  const response = await fetch(at(path))
  return response.ok ? response : undefined
}

/** Undefined where there is no such file. */
export const json = async <T>(path: string): Promise<T | undefined> =>
  (await got(path))?.json() as Promise<T | undefined>

export const must = async <T>(path: string): Promise<T> => (await json<T>(path)) ?? missing(path)

export const floats = async (path: string): Promise<Float32Array<ArrayBuffer>> =>
  new Float32Array(await ((await got(path)) ?? missing(path)).arrayBuffer())

export const has = async (path: string): Promise<boolean> => (await got(path)) !== undefined

const missing = (path: string): never => {
  throw new Error(`the reference has no ${path}`)
}
