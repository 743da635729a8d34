/** @file Handing the person a file that may be larger than memory: straight to disk where the browser can. */
import type { Sink } from '../models/carrying.svelte'
import { saveAs } from './save'

interface Picker {
  showSaveFilePicker(options: {
    suggestedName: string
    types: readonly { accept: Record<string, readonly string[]> }[]
  }): Promise<FileSystemFileHandle>
}

/** Asks where to, if the browser can; undefined when the person does not want it after all. Call it while a press of a button lasts. */
export const sinkFor = async (name: string, ending: string, type: string): Promise<Sink | undefined> => {
  if (!('showSaveFilePicker' in window)) return download(name, ending, type)
  try {
    const file = await (window as unknown as Picker).showSaveFilePicker({
      suggestedName: `${name}.${ending}`,
      types: [{ accept: { [type]: [`.${ending}`] } }],
    })
    const stream = await file.createWritable()
    return {
      write: (piece) => stream.write(piece),
      close: () => stream.close(),
      abort: () => stream.abort(),
    }
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') return undefined
    throw e
  }
}

/** Pieces are handed to the browser one by one, which keeps large ones on disk: the page itself never holds them all. */
const download = (name: string, ending: string, type: string): Sink => {
  let pieces: Blob[] = []
  return {
    write: (piece) => void pieces.push(new Blob([piece])),
    close: async () => void saveAs(new Blob(pieces, { type }), name, ending),
    abort: async () => void (pieces = []),
  }
}
