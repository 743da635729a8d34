/** What the suites put beside the app in the page that they measure. */
declare global {
  /** The app's own marks, as they came. */
  var marks: { name: string; of: string; at: number }[]
  /** How far the mouth is open in each frame, 0 to 1. */
  var mouths: { at: number; open: number }[]
  var tools: {
    timeOf: (frame: number) => number
    leftAt: (frame: number) => number
    loud: (level: number, which: 'first' | 'last') => number
    pressed: number
  }
}

export {}
