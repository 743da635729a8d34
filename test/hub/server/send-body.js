/** @file Sends the bytes of a file or a text, with the faults that concern the body. */
import fs from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** @typedef {{ path: string } | { data: Buffer }} Source */

const ARRIVES_MS = 250
const TICKS_PER_SECOND = 20 // how finely a slow transfer is divided

/**
 * Parses a Range header. Returns null (no range), 'unsatisfiable' or { start, end } (end inclusive).
 * @param {string | undefined} header @param {number} size @returns {null | 'unsatisfiable' | { start: number, end: number }}
 */
export function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (!match[1] && !match[2])) return null // several ranges at once are answered with the whole file
  let start = Number(match[1])
  let end = match[2] ? Math.min(Number(match[2]), size - 1) : size - 1
  if (!match[1]) [start, end] = [Math.max(size - Number(match[2]), 0), size - 1] // "the last N bytes"
  return start > end || start >= size ? 'unsatisfiable' : { start, end }
}

/**
 * Writes head and body of one answer.
 * @param {import('node:http').ServerResponse} response
 * @param {{ status: number, headers: import('node:http').OutgoingHttpHeaders, source: Source, start: number, end: number,
 *   headOnly: boolean, fault: import('./faults.js').FaultSwitch | null, onBytes: (count: number) => void }} answer
 *   start and end (inclusive) are offsets in the source
 */
export async function sendBody(response, { status, headers, source, start, end, headOnly, fault, onBytes }) {
  const length = end - start + 1
  const announced = Math.max(0, length + (fault?.lengthDelta ?? 0))
  response.writeHead(status, { ...headers, 'content-length': announced })
  if (headOnly || length === 0) {
    response.end()
    return
  }
  response.flushHeaders()

  let remaining = Math.min(length, announced)
  let budget = Math.min(fault?.cutAfter ?? Infinity, fault?.stallAfter ?? Infinity)
  let offset = start
  for await (const chunk of readChunks(source, start, end, fault?.bytesPerSecond)) {
    const part = Buffer.from(chunk.subarray(0, Math.min(chunk.length, remaining, budget)))
    const corrupt = (fault?.corruptAt ?? -1) - offset
    if (corrupt >= 0 && corrupt < part.length) part.writeUInt8(part.readUInt8(corrupt) ^ 0xff, corrupt)
    if (part.length) await write(response, part)
    onBytes(part.length)
    offset += part.length
    remaining -= part.length
    budget -= part.length
    if (response.destroyed || budget <= 0 || remaining <= 0) break
    if (fault?.bytesPerSecond) await sleep(1000 / TICKS_PER_SECOND)
  }

  if (fault?.stallAfter !== undefined && budget <= 0) return // stays open until the client leaves or the server closes
  const cut = fault?.cutAfter !== undefined && budget <= 0
  if (!cut && announced <= length) {
    response.end()
    return
  }
  // What was written is to arrive before the connection goes away: browsers drop what a page has not read by then.
  await sleep(ARRIVES_MS)
  response.destroy()
}

/**
 * @param {Source} source @param {number} start @param {number} end @param {number | undefined} bytesPerSecond
 * @returns {AsyncGenerator<Buffer, void>}
 */
async function* readChunks(source, start, end, bytesPerSecond) {
  const chunkSize = bytesPerSecond ? Math.max(1, Math.round(bytesPerSecond / TICKS_PER_SECOND)) : 65536
  if ('data' in source) {
    for (let i = start; i <= end; i += chunkSize)
      yield source.data.subarray(i, Math.min(i + chunkSize, end + 1))
  } else {
    yield* fs.createReadStream(source.path, { start, end, highWaterMark: chunkSize })
  }
}

/**
 * Resolves when the bytes have left the process (or the client is gone).
 * @param {import('node:http').ServerResponse} response @param {Buffer} bytes @returns {Promise<void>}
 */
function write(response, bytes) {
  return new Promise((resolve) => {
    response.once('close', resolve)
    response.write(bytes, () => {
      response.off('close', resolve)
      resolve()
    })
  })
}
