/** @file A folder of the person's own as a repository: what it holds, and which of the known models it is. */
import type { ListedFile, Listing } from '../shared/contracts'
import { READ, type Texts } from './inspect'
import type { Model } from './model'

/** A file and its place in the folder, such as `onnx/model_q4.onnx`. */
export interface Given {
  readonly path: string
  readonly file: Blob
}

export interface Folder {
  /** As the person calls it. */
  readonly name: string
  readonly files: readonly Given[]
}

/** In place of a commit: nobody knows of which one these files are. */
export const OWN_COMMIT = 'own'
/** No repository of a hub begins like this. */
const OWN = '~/'

export const isOwn = (repo: string): boolean => repo.startsWith(OWN)

/** What a folder would be called as a repository, if no hub is known to have it. */
export const ownRepo = ({ name }: Folder): string =>
  OWN + (name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replaceAll(/^[-.]+|[-.]+$/g, '') || 'model')

/**
 * The model's own folder among what was given: where its config.json lies, else what all files have in common. Programs that
 * fetch from hubs put it several folders deep.
 */
export const folderOf = (given: readonly Given[], fallback: string): Folder => {
  const paths = given.map(({ path }) => path.split('/').filter(Boolean))
  const configs = paths.filter((parts) => parts.at(-1) === 'config.json').sort((a, b) => a.length - b.length)
  const root = configs[0]?.slice(0, -1) ?? common(paths)
  const prefix = root.map((part) => `${part}/`).join('')
  const files = given.flatMap(({ path, file }, i) => {
    const whole = paths[i]!.join('/')
    return whole.startsWith(prefix) && path ? [{ path: whole.slice(prefix.length), file }] : []
  })
  return { name: nameOf(root) ?? fallback, files }
}

/** As a listing whose files nobody vouches for. */
export const listingOf = ({ files }: Folder, repo: string): Listing => ({
  repo,
  commit: OWN_COMMIT,
  base: `https://huggingface.co/${repo}/resolve/${OWN_COMMIT}/`,
  files: files.map(({ path, file }): ListedFile => ({
    path,
    bytes: file.size,
    digest: { kind: 'sha256', hex: '' }, // by its own, when it has been read
  })),
})

export const textsOf = async (files: readonly Given[]): Promise<Texts> => {
  const texts: Partial<Record<(typeof READ)[number], string>> = {}
  for (const path of READ) {
    const found = files.find((given) => given.path === path)
    if (found && found.file.size <= MOST_TEXT) texts[path] = await found.file.text()
  }
  return texts
}

/** Bytes of a text that is read: more is something else. */
const MOST_TEXT = 2 ** 20

/** The model of a hub whose repository has the folder's name, with or without its owner's. */
export const modelNamed = (name: string, models: readonly Model[]): Model | undefined => {
  const wanted = name.toLowerCase()
  return models.find(({ source }) => {
    if (source.kind !== 'hub') return false
    const repo = source.repo.toLowerCase()
    return repo === wanted || repo.split('/').at(-1) === wanted
  })
}

const common = (paths: readonly (readonly string[])[]): readonly string[] => {
  const [first = [], ...others] = paths.map((parts) => parts.slice(0, -1))
  const end = first.findIndex((part, i) => others.some((other) => other[i] !== part))
  return end < 0 ? first : first.slice(0, end)
}

/** The last of the path; `models--owner--name` is how the hub's own programs call it. */
const nameOf = (root: readonly string[]): string | undefined => {
  const kept = root.findLast((part) => part.startsWith('models--'))
  return kept ? kept.slice('models--'.length).replace('--', '/') : root.at(-1)
}
