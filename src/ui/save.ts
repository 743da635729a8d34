/** @file Handing a file to the person. */

/** Save under a name made of the first words of the text and an ending; the name is returned. */
export const saveAs = (file: Blob, text: string, ending: string): string => {
  const words = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .slice(0, 40)
    .trim()
  const name = `${words || 'proscenium'}.${ending}`
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // The browser has taken the file when the click has been handled; some need a little longer.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  return name
}
