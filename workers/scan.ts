/** @file A thread that takes part in the scans of another: it is told once what to share, and then waits for work. */
import { help, type ThreadStart } from './danceba/scan/thread'

addEventListener(
  'message',
  ({ data }: MessageEvent<ThreadStart>) => void help(data, () => postMessage('ready')),
  { once: true },
)
