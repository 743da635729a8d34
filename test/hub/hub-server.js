/** @file Serves a folder of model repositories the way the Hugging Face Hub does, and misbehaves on request. */
import { randomBytes } from 'node:crypto'
import http from 'node:http'
import path from 'node:path'
import { FaultList } from './server/faults.js'
import { lfsPointer, RepoFolder } from './server/repo-folder.js'
import { parseRange, sendBody } from './server/send-body.js'

// What the hub and its storage let a web page read. Neither list has Retry-After, RateLimit or Content-Length
// (the last one is always readable).
const HUB_EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash'
const STORAGE_EXPOSED = 'Accept-Ranges, Content-Range, Content-Type, Content-Disposition, ETag, X-Cache'

/** @type {Record<string, string>} */
const CONTENT_TYPES = {
  '.json': 'application/json',
  '.txt': 'text/plain',
  '.md': 'text/plain',
  '.jinja': 'text/plain',
}

/**
 * `root`: a folder that holds <org>/<name>/... `repos`: further repositories, name -> folder. `linkLifetimeSeconds`: after this
 * time a storage link answers 403.
 * @typedef {{ root?: string, repos?: Record<string, string>, port?: number, storagePort?: number, linkLifetimeSeconds?: number }} Options
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {import('node:http').OutgoingHttpHeaders} Headers
 * @typedef {import('./server/faults.js').FaultSwitch} FaultSwitch
 * @typedef {import('./server/repo-folder.js').HubFile} HubFile
 * @typedef {{ method: string | undefined, server: 'hub' | 'storage', key: string, range: string | null, status: number | null,
 *   bytes: number, fault: number | null, authorized: boolean }} Logged what was asked and answered
 */

/** @param {Options} options @returns {Promise<TinyHub>} */
export async function startHubServer(options) {
  const hub = new TinyHub(options)
  await hub.listen(options.port ?? 0, options.storagePort ?? 0)
  return hub
}

export class TinyHub {
  #faults = new FaultList()
  /** @type {Logged[]} */
  #requests = []
  /** @type {Map<string, RepoFolder>} */
  #folders = new Map()
  /** @type {http.Server[]} */
  #servers = []
  #options
  /** The address of the hub, and of the second origin, to which LFS files are redirected. */
  host = ''
  storageHost = ''

  /** @param {Options} options */
  constructor(options) {
    this.#options = {
      linkLifetimeSeconds: 3600,
      repos: /** @type {Record<string, string>} */ ({}),
      ...options,
    }
  }

  /** @param {number} port @param {number} storagePort */
  async listen(port, storagePort) {
    /** @type {(number: number, handler: (request: Request, response: Response) => Promise<unknown>) => Promise<string>} */
    const start = (number, handler) =>
      new Promise((resolve, reject) => {
        const server = http.createServer((request, response) => {
          handler(request, response).catch((/** @type {unknown} */ error) => {
            if (!response.headersSent) this.#sendJson(request, response, 500, { error: String(error) })
            else response.destroy()
          })
        })
        server.once('error', reject)
        server.listen(number, '127.0.0.1', () =>
          resolve(
            `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`,
          ),
        )
        this.#servers.push(server)
      })
    this.host = await start(port, (request, response) => this.#handleHub(request, response))
    this.storageHost = await start(storagePort, (request, response) => this.#handleStorage(request, response))
  }

  async close() {
    await Promise.all(
      this.#servers.map(
        (server) =>
          new Promise((resolve) => {
            server.close(() => resolve(undefined))
            server.closeAllConnections() // stalled answers would keep it open
          }),
      ),
    )
  }

  /** Adds a fault (see server/faults.js) and returns its id. @param {FaultSwitch} fault */
  setFault(fault) {
    return this.#faults.add(fault)
  }

  clearFaults() {
    this.#faults.clear()
  }

  /** What was asked and answered so far. */
  get requests() {
    return this.#requests
  }

  clearRequests() {
    this.#requests.length = 0
  }

  // ---- routing ------------------------------------------------------------------------------------------------------

  /** @param {Request} request @param {Response} response */
  async #handleHub(request, response) {
    const url = new URL(request.url ?? '/', this.host)
    if (request.method === 'OPTIONS') return this.#sendPreflight(request, response)
    if (url.pathname.startsWith('/__hub/')) return this.#handleControl(request, response, url)

    const cached = /^\/api\/resolve-cache\/models\/([^/]+(?:\/[^/]+)?)\/([0-9a-f]{40})\/(.+)$/.exec(
      url.pathname,
    )
    if (cached)
      return this.#sendSmallFile(request, response, cached[1] ?? '', decodeURIComponent(cached[3] ?? ''))

    const api = /^\/api\/models\/(.+?)(?:\/(tree|revision)\/([^/]+)(?:\/(.*))?)?$/.exec(url.pathname)
    if (api) return this.#handleApi(request, response, url, api)

    const file = /^\/([^/]+(?:\/[^/]+)?)\/(resolve|raw)\/([^/]+)\/(.+)$/.exec(url.pathname)
    if (file) return this.#handleFile(request, response, file)
    return this.#sendError(request, response, 404, 'Not found', null)
  }

  /** @param {Request} request @param {Response} response @param {RegExpExecArray} parts */
  async #handleFile(request, response, [, repo = '', verb, revision = '', encodedPath = '']) {
    const filePath = decodeURIComponent(encodedPath)
    const log = this.#log(request, 'hub', `${repo}/${filePath}`)
    const folder = this.#folder(repo)
    const isSmallAnswer = verb === 'raw'
    const fault = this.#takeFault(request, log, isSmallAnswer ? ['hub', 'storage'] : ['hub'])
    if (await this.#answeredByFault(request, response, log, fault)) return
    if (!folder) return this.#sendRepoNotFound(request, response, log)
    const commit = folder.commit()
    if (!this.#isKnownRevision(revision, commit))
      return this.#sendError(request, response, 404, 'Revision not found', 'RevisionNotFound', log)
    const file = folder.file(filePath)
    if (!file)
      return this.#sendError(request, response, 404, 'Entry not found', 'EntryNotFound', log, {
        'x-repo-commit': commit,
      })

    /** @type {Headers} */
    const headers = { ...this.#hubHeaders(request, fault), 'x-repo-commit': commit, 'accept-ranges': 'bytes' }
    if (verb === 'raw') {
      const pointer = Buffer.from(lfsPointer(file))
      const source = file.lfs ? { data: pointer } : { path: file.absolute }
      const end = (file.lfs ? pointer.length : file.size) - 1
      log.status = 200
      return sendBody(response, {
        status: 200,
        headers: { ...headers, 'content-type': 'text/plain', etag: `"${file.oid}"` },
        source,
        start: 0,
        end,
        headOnly: request.method === 'HEAD',
        fault,
        onBytes: (count) => (log.bytes += count),
      })
    }
    if (file.lfs) {
      headers['location'] = this.#storageLink(repo, file)
      headers['x-linked-size'] = file.size
      headers['x-linked-etag'] = `"${file.sha256}"`
      headers['x-xet-hash'] = file.storageEtag
      log.status = 302
    } else {
      headers['location'] =
        `/api/resolve-cache/models/${repo}/${commit}/${encodedPath}?etag=${encodeURIComponent(`"${file.oid}"`)}`
      log.status = 307
    }
    const text = `Redirecting to ${headers['location']}`
    response.writeHead(log.status, {
      ...headers,
      'content-type': 'text/plain',
      'content-length': Buffer.byteLength(text),
    })
    response.end(request.method === 'HEAD' ? undefined : text)
  }

  /** @param {Request} request @param {Response} response @param {string} repo @param {string} filePath */
  async #sendSmallFile(request, response, repo, filePath) {
    const log = this.#log(request, 'hub', `${repo}/${filePath}`)
    const folder = this.#folder(repo)
    const file = folder?.file(filePath)
    if (!folder || !file)
      return this.#sendError(request, response, 404, 'Entry not found', 'EntryNotFound', log)
    const fault = this.#takeFault(request, log, ['storage'])
    if (await this.#answeredByFault(request, response, log, fault)) return
    const headers = {
      ...this.#hubHeaders(request, fault),
      'content-type': CONTENT_TYPES[path.extname(filePath)] ?? 'application/octet-stream',
      'x-repo-commit': folder.commit(),
      etag: `"${file.oid}"`,
    }
    return this.#sendFile(request, response, file, headers, fault, log)
  }

  /** @param {Request} request @param {Response} response */
  async #handleStorage(request, response) {
    const url = new URL(request.url ?? '/', this.storageHost)
    if (request.method === 'OPTIONS') return this.#sendPreflight(request, response)
    const repo = url.searchParams.get('repo') ?? ''
    const filePath = url.searchParams.get('file') ?? ''
    const log = this.#log(request, 'storage', `${repo}/${filePath}`)
    const file = this.#folder(repo)?.file(filePath)
    const fault = this.#takeFault(request, log, ['storage'])
    if (await this.#answeredByFault(request, response, log, fault)) return
    const expired = Number(url.searchParams.get('Expires')) * 1000 < Date.now()
    if (!file?.lfs || expired) return this.#sendError(request, response, 403, 'Access denied', null, log)
    const headers = {
      ...(fault?.noCors
        ? {}
        : { 'access-control-allow-origin': '*', 'access-control-expose-headers': STORAGE_EXPOSED }),
      'content-type': 'application/octet-stream',
      'content-disposition': `inline; filename="${path.basename(filePath)}"`,
      'cache-control': 'public, max-age=31536000',
      etag: `"${file.storageEtag}"`,
    }
    return this.#sendFile(request, response, file, headers, fault, log)
  }

  /**
   * Answers with the bytes of a file: whole, a range, or 304.
   * @param {Request} request @param {Response} response @param {HubFile} file @param {Headers} headers
   * @param {FaultSwitch | null} fault @param {Logged} log
   */
  #sendFile(request, response, file, headers, fault, log) {
    if (request.headers['if-none-match'] === headers.etag) {
      log.status = 304
      response.writeHead(304, headers)
      return response.end()
    }
    const rangeIsStale = request.headers['if-range'] && request.headers['if-range'] !== headers.etag
    const range = fault?.noRange || rangeIsStale ? null : parseRange(request.headers.range, file.size)
    if (!fault?.noRange) headers['accept-ranges'] = 'bytes'
    if (range === 'unsatisfiable') {
      log.status = 416
      response.writeHead(416, { ...headers, 'content-range': `bytes */${file.size}`, 'content-length': 0 })
      return response.end()
    }
    const { start, end } = range ?? { start: 0, end: file.size - 1 }
    if (range) headers['content-range'] = `bytes ${start}-${end}/${file.size}`
    log.status = range ? 206 : 200
    return sendBody(response, {
      status: log.status,
      headers,
      source: { path: file.absolute },
      start,
      end,
      headOnly: request.method === 'HEAD',
      fault,
      onBytes: (count) => (log.bytes += count),
    })
  }

  /** @param {Request} request @param {Response} response @param {URL} url @param {RegExpExecArray} parts */
  async #handleApi(request, response, url, [, repo = '', endpoint, encodedRevision, subPath = '']) {
    const log = this.#log(request, 'hub', url.pathname.slice(1))
    const fault = this.#takeFault(request, log, ['hub', 'storage'])
    if (await this.#answeredByFault(request, response, log, fault)) return
    const folder = this.#folder(repo)
    if (!folder) return this.#sendRepoNotFound(request, response, log)
    const commit = folder.commit()
    if (encodedRevision && !this.#isKnownRevision(encodedRevision, commit)) {
      return this.#sendError(request, response, 404, 'Invalid rev id', 'RevisionNotFound', log)
    }
    /** @type {{ body: unknown, headers?: Headers }} */
    const { body, headers = {} } =
      endpoint === 'tree'
        ? this.#treeListing(folder, url, decodeURIComponent(subPath))
        : { body: this.#modelInfo(repo, folder, commit, url.searchParams.get('blobs') === 'true') }
    const data = Buffer.from(JSON.stringify(body))
    log.status = 200
    return sendBody(response, {
      status: 200,
      headers: {
        ...this.#hubHeaders(request, fault),
        ...headers,
        'content-type': 'application/json; charset=utf-8',
      },
      source: { data },
      start: 0,
      end: data.length - 1,
      headOnly: request.method === 'HEAD',
      fault,
      onBytes: (count) => (log.bytes += count),
    })
  }

  /** @param {RepoFolder} folder @param {URL} url @param {string} subPath */
  #treeListing(folder, url, subPath) {
    const prefix = subPath ? `${subPath.replace(/\/$/, '')}/` : ''
    const recursive = ['true', '1'].includes(url.searchParams.get('recursive') ?? '')
    const directories = new Set()
    const entries = []
    for (const file of folder.files().filter((candidate) => candidate.path.startsWith(prefix))) {
      const parts = file.path.slice(prefix.length).split('/')
      for (let depth = 1; depth < parts.length; depth++)
        directories.add(prefix + parts.slice(0, depth).join('/'))
      if (!recursive && parts.length > 1) continue
      const lfs = file.lfs && {
        lfs: { oid: file.sha256, size: file.size, pointerSize: lfsPointer(file).length },
        xetHash: file.storageEtag,
      }
      entries.push({ type: 'file', oid: file.oid, size: file.size, path: file.path, ...lfs })
    }
    for (const directory of directories) {
      if (!recursive && directory.slice(prefix.length).includes('/')) continue
      entries.push({ type: 'directory', oid: '0'.repeat(40), size: 0, path: directory })
    }
    entries.sort((a, b) => (a.path < b.path ? -1 : 1))

    // Long listings come in pages; the next one is named in the Link header.
    const limit = Number(url.searchParams.get('limit') ?? 1000)
    const offset = Number(url.searchParams.get('cursor') ?? 0)
    /** @type {Headers} */
    const headers = {}
    if (offset + limit < entries.length) {
      const next = new URL(url)
      next.searchParams.set('cursor', String(offset + limit))
      headers['link'] = `<${next.href}>; rel="next"`
    }
    return { body: entries.slice(offset, offset + limit), headers }
  }

  /** @param {string} repo @param {RepoFolder} folder @param {string} commit @param {boolean} withBlobs */
  #modelInfo(repo, folder, commit, withBlobs) {
    const siblings = folder.files().map((file) => {
      const blob = withBlobs && {
        blobId: file.oid,
        size: file.size,
        ...(file.lfs && {
          lfs: { sha256: file.sha256, size: file.size, pointerSize: lfsPointer(file).length },
        }),
      }
      return { rfilename: file.path, ...blob }
    })
    return {
      _id: commit.slice(0, 24),
      id: repo,
      modelId: repo,
      sha: commit,
      private: false,
      gated: false,
      disabled: false,
      lastModified: '2026-01-01T00:00:00.000Z',
      tags: ['transformers.js', 'onnx'],
      library_name: 'transformers.js',
      siblings,
    }
  }

  // ---- control ------------------------------------------------------------------------------------------------------

  /** @param {Request} request @param {Response} response @param {URL} url */
  async #handleControl(request, response, url) {
    const [, , subject, id] = url.pathname.split('/')
    if (subject === 'faults' && request.method === 'POST') {
      /** @type {Buffer[]} */
      const chunks = []
      for await (const chunk of request) chunks.push(/** @type {Buffer} */ (chunk))
      try {
        const given = /** @type {FaultSwitch | FaultSwitch[]} */ (
          JSON.parse(Buffer.concat(chunks).toString())
        )
        const ids = [given].flat().map((fault) => this.setFault(fault))
        return this.#sendJson(request, response, 200, { ids })
      } catch (error) {
        return this.#sendJson(request, response, 400, { error: String(error) })
      }
    }
    if (subject === 'faults' && request.method === 'DELETE') {
      if (id) this.#faults.remove(Number(id))
      else this.clearFaults()
      return this.#sendJson(request, response, 200, {})
    }
    if (subject === 'faults') return this.#sendJson(request, response, 200, this.#faults.list())
    if (subject === 'requests' && request.method === 'DELETE') {
      this.clearRequests()
      return this.#sendJson(request, response, 200, {})
    }
    if (subject === 'requests') return this.#sendJson(request, response, 200, this.#requests)
    return this.#sendJson(request, response, 404, { error: 'Unknown control endpoint' })
  }

  // ---- faults and answers -------------------------------------------------------------------------------------------

  /** @param {Request} request @param {Logged} log @param {readonly ('hub' | 'storage')[]} places */
  #takeFault(request, log, places) {
    const isProbe = request.method === 'HEAD' || request.headers.range === 'bytes=0-0'
    const fault = this.#faults.take({ key: log.key, places, isProbe })
    if (fault) log.fault = fault.id
    return fault
  }

  /**
   * Handles the faults that replace the whole answer.
   * @param {Request} request @param {Response} response @param {Logged} log @param {FaultSwitch | null} fault
   */
  async #answeredByFault(request, response, log, fault) {
    if (fault?.noAnswer) return true
    if (fault?.redirectTo) {
      log.status = 302
      const location = new URL(request.url ?? '/', fault.redirectTo).href
      response.writeHead(302, { ...this.#hubHeaders(request, fault), location }).end()
      return true
    }
    if (!fault?.status) return false
    /** @type {Headers} */
    const headers = {}
    if (fault.retryAfter !== undefined) headers['retry-after'] = String(fault.retryAfter)
    if (fault.status === 429) headers['ratelimit'] = `"resolvers";r=0;t=${fault.retryAfter ?? 60}`
    const extraExposed = fault.exposeRetryAfter ? ',Retry-After,RateLimit' : ''
    const message = fault.message ?? http.STATUS_CODES[fault.status] ?? 'Error'
    this.#sendError(request, response, fault.status, message, fault.errorCode ?? null, log, headers, {
      extraExposed,
      noCors: fault.noCors,
    })
    return true
  }

  /** @param {Request} request @param {Response} response @param {Logged} log */
  #sendRepoNotFound(request, response, log) {
    // The hub does not tell a missing repository from a private one.
    return this.#sendError(request, response, 401, 'Invalid username or password.', 'RepoNotFound', log)
  }

  /**
   * @param {Request} request @param {Response} response @param {number} status @param {string} message
   * @param {string | null} code @param {Logged} [log] @param {Headers} [headers] @param {{ extraExposed?: string, noCors?: boolean | undefined }} [cors]
   */
  #sendError(
    request,
    response,
    status,
    message,
    code,
    log,
    headers = {},
    { extraExposed = '', noCors = false } = {},
  ) {
    if (log) log.status = status
    const errorHeaders = { ...headers, 'x-error-message': message, ...(code && { 'x-error-code': code }) }
    return this.#sendJson(request, response, status, { error: message }, errorHeaders, {
      extraExposed,
      noCors,
    })
  }

  /**
   * @param {Request} request @param {Response} response @param {number} status @param {unknown} body
   * @param {Headers} [headers] @param {{ extraExposed?: string, noCors?: boolean | undefined }} [cors]
   */
  #sendJson(request, response, status, body, headers = {}, { extraExposed = '', noCors = false } = {}) {
    const data = Buffer.from(JSON.stringify(body))
    const cors = this.#hubHeaders(request, { noCors })
    if (extraExposed && !noCors) cors['access-control-expose-headers'] = HUB_EXPOSED + extraExposed
    response.writeHead(status, {
      ...cors,
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      'content-length': data.length,
    })
    response.end(request.method === 'HEAD' ? undefined : data)
  }

  /** @param {Request} request @param {Response} response */
  #sendPreflight(request, response) {
    response.writeHead(204, {
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
      'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
      'access-control-max-age': '86400',
      vary: 'Origin',
    })
    response.end()
  }

  /** @param {Request} request @param {{ noCors?: boolean | undefined } | null} fault @returns {Headers} */
  #hubHeaders(request, fault) {
    const headers = { 'x-request-id': `Root=1-${randomBytes(12).toString('hex')}`, vary: 'Origin, Accept' }
    if (fault?.noCors) return headers
    return {
      ...headers,
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-expose-headers': HUB_EXPOSED,
    }
  }

  // ---- details ------------------------------------------------------------------------------------------------------

  /** @param {string} repo */
  #folder(repo) {
    let folder = this.#folders.get(repo)
    if (!folder) {
      const location =
        this.#options.repos[repo] ?? (this.#options.root && path.join(this.#options.root, repo))
      if (!location || repo.split('/').includes('..')) return null
      folder = new RepoFolder(path.resolve(location))
      this.#folders.set(repo, folder)
    }
    return folder.exists() ? folder : null
  }

  /** @param {string} encoded @param {string} commit */
  #isKnownRevision(encoded, commit) {
    const revision = decodeURIComponent(encoded)
    return revision === 'main' || (revision.length >= 7 && commit.startsWith(revision))
  }

  /** Like the real links: valid for a while, and different every time. @param {string} repo @param {HubFile} file */
  #storageLink(repo, file) {
    const link = new URL(`xet-bridge/${file.storageEtag}`, this.storageHost)
    link.searchParams.set('repo', repo)
    link.searchParams.set('file', file.path)
    link.searchParams.set('Expires', String(Date.now() / 1000 + this.#options.linkLifetimeSeconds))
    link.searchParams.set('Signature', randomBytes(16).toString('hex'))
    return link.href
  }

  /** @param {Request} request @param {'hub' | 'storage'} server @param {string} key @returns {Logged} */
  #log(request, server, key) {
    /** @type {Logged} */
    const entry = {
      method: request.method,
      server,
      key,
      range: request.headers.range ?? null,
      status: null,
      bytes: 0,
      fault: null,
      authorized: request.headers.authorization !== undefined,
    }
    this.#requests.push(entry)
    return entry
  }
}
