/** @file Memory that is given back at once. */

/**
 * What was in the buffers is lost. Collectors come when there are tens of megabytes of such buffers in a thread, and where
 * there are five threads a tab is full by then.
 */
export const release = (...views: readonly Float32Array[]) => {
  for (const { buffer } of views)
    // Node 20 and browsers of 2023 cannot.
    if (buffer instanceof ArrayBuffer && 'transfer' in buffer) buffer.transfer(0)
}
