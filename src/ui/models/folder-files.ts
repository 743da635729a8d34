/** @file Files with their places in a folder, as a picker or a drop gives them. */
import type { Given } from '../../models/folder'

/** Of a picker: of a folder, or of single files. */
export const pickedFiles = (files: Iterable<File>): readonly Given[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }))

/**
 * Of a drop. Entries are to be asked for before anything is awaited: the browser forgets them. What cannot be read is left out.
 */
export const droppedFiles = async (transfer: DataTransfer): Promise<readonly Given[]> => {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  return (await Promise.all(entries.map((entry) => filesIn(entry)))).flat()
}

/** A folder, a file of a repository, or one of models that another machine has saved. */
export const looksLikeModel = (transfer: DataTransfer): boolean =>
  [...transfer.items].some((item) => {
    const entry = item.webkitGetAsEntry()
    return entry?.isDirectory === true || /\.(tar|json|jinja|onnx|onnx_data\w*)$/i.test(entry?.name ?? '')
  })

const filesIn = async (entry: FileSystemEntry): Promise<readonly Given[]> => {
  if (isFile(entry)) {
    const file = await new Promise<File | undefined>((resolve) =>
      entry.file(resolve, () => resolve(undefined)),
    )
    return file ? [{ path: entry.fullPath.replace(/^\//, ''), file }] : []
  }
  if (!isFolder(entry)) return []
  const reader = entry.createReader()
  const inside: FileSystemEntry[] = []
  // A hundred at a time, until there are no more.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    )
    if (some.length === 0) break
    inside.push(...some)
  }
  return (await Promise.all(inside.map(filesIn))).flat()
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
