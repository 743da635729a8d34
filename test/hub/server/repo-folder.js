/** @file Reads a model repository from a folder and describes its files the way the hub does (oids, LFS, revision). */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

// File names that the hub stores with LFS; other files are LFS only when they are large.
const LFS_NAME = /\.(onnx|onnx_data(_\d+)?|bin|safetensors|gguf|wasm|npy|npz|pt|tflite|wav|mp3|png|jpg|zip)$/
/**
 * @typedef {{ path: string, absolute: string, size: number, lfs: boolean, oid: string, sha256: string, storageEtag: string }} HubFile
 *   the last two of LFS files only
 */

const LFS_SIZE = 10 * 1024 * 1024

const sha1 = (/** @type {string | Buffer} */ data) => createHash('sha1').update(data).digest('hex')
const sha256 = (/** @type {string | Buffer} */ data) => createHash('sha256').update(data).digest('hex')

/** Hashes a file piece by piece, so that files of several GB work too. @param {string} absolute */
function sha256OfFile(absolute) {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(1 << 20)
  const handle = fs.openSync(absolute, 'r')
  for (let count; (count = fs.readSync(handle, buffer, 0, buffer.length, null)) > 0;)
    hash.update(buffer.subarray(0, count))
  fs.closeSync(handle)
  return hash.digest('hex')
}

const gitBlobOid = (/** @type {Buffer} */ data) =>
  sha1(Buffer.concat([Buffer.from(`blob ${data.length}\0`), data]))

/** The text that git stores in place of an LFS file. @param {Pick<HubFile, 'sha256' | 'size'>} file */
export function lfsPointer({ sha256: oid, size }) {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`
}

export class RepoFolder {
  /** By absolute path. @type {Map<string, { key: string, description: HubFile }>} */
  #described = new Map()

  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder
  }

  exists() {
    return fs.existsSync(this.folder) && fs.statSync(this.folder).isDirectory()
  }

  /** Describes one file, or returns null when there is no such file inside the repository. @param {string} relativePath */
  file(relativePath) {
    const absolute = path.join(this.folder, relativePath)
    if (!absolute.startsWith(this.folder + path.sep)) return null
    const stat = fs.statSync(absolute, { throwIfNoEntry: false })
    if (!stat?.isFile()) return null

    const key = `${stat.size}/${stat.mtimeMs}`
    const known = this.#described.get(absolute)
    if (known?.key === key) return known.description

    const lfs = LFS_NAME.test(relativePath) || stat.size >= LFS_SIZE
    /** @type {HubFile} */
    const description = {
      path: relativePath,
      absolute,
      size: stat.size,
      lfs,
      oid: '',
      sha256: '',
      storageEtag: '',
    }
    if (description.lfs) {
      description.sha256 = sha256OfFile(absolute)
      description.oid = gitBlobOid(Buffer.from(lfsPointer(description)))
      // The storage behind the hub has ETags of its own: 64 hex digits as well, but not the sha256 of the content.
      description.storageEtag = sha256(`storage:${description.sha256}`)
    } else {
      description.oid = gitBlobOid(fs.readFileSync(absolute))
    }
    this.#described.set(absolute, { key, description })
    return description
  }

  /** All files, sorted by path. */
  files() {
    return fs
      .readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        path.relative(this.folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'),
      )
      .sort()
      .flatMap((relativePath) => this.file(relativePath) ?? [])
  }

  /** A commit id that changes with the content of any file. */
  commit() {
    return sha1(
      this.files()
        .map((file) => `${file.path}\0${file.oid}\n`)
        .join(''),
    )
  }
}
