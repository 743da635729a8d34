/** @file A model's files on this device, as the depot keeps them: OPFS, by the SHA-256 of their bytes. Browsers only. */
import type { ModelFile, Variant } from '../../src/shared/contracts'

const BASE = 'https://hub.invalid/tiny/model/resolve/0123456789abcdef/'

const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')

/** Keep these files; gives the variant that is made of them. */
export const keep = async (
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  backend: 'wasm' | 'webgpu',
): Promise<Variant & { readonly kind: 'local' }> => {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('weights', { create: true })
  const kept: ModelFile[] = []
  for (const [path, bytes] of files) {
    const hash = await sha256(bytes)
    const writable = await (await folder.getFileHandle(hash, { create: true })).createWritable()
    await writable.write(bytes)
    await writable.close()
    kept.push({ url: BASE + path, bytes: bytes.length, sha256: hash })
  }
  return { kind: 'local', model: 'tiny', backend, files: kept }
}

/** Remove a file that has been kept. */
export const lose = async ({ sha256 }: ModelFile): Promise<void> => {
  const root = await navigator.storage.getDirectory()
  await (await root.getDirectoryHandle('weights')).removeEntry(sha256!)
}
