/** @file Reading what is written: a song's lines and form → notes with times. */
import { chordsOf, lead, mod, noteNumber } from './harmony'
import type { Chord } from './harmony'
import { dice } from './noise'
import type { Line, Part, Writing } from './writing'

/** A note to be played: times in seconds from the start, `strength` a gain. Drums have pitch 0. */
export interface Note {
  readonly line: Line
  readonly atS: number
  readonly lengthS: number
  readonly midi: number
  readonly strength: number
}

/** All notes, in no particular order. The same writing is always played the same way. */
export const read = (writing: Writing): Note[] => {
  const steps = writing.beatsPerBar * 4
  const notes: Note[] = []
  for (const [name, line] of Object.entries(writing.lines)) {
    const roll = dice(name.split('').reduce((seed, c) => seed * 31 + c.charCodeAt(0), 7))
    let bar = 0
    let voicing: readonly number[] = []
    writing.form.forEach((part, p) => {
      const harmony = chordsOf(part, steps)
      const after = writing.form[p + 1]
      const next = after && chordsOf(after, steps)[0]
      if (!part.plays.split(' ').includes(name)) {
        bar += part.bars
        return
      }
      for (const event of eventsOf(line, part, steps)) {
        const chord = harmony[event.step]!
        const coming = harmony.slice(event.step).find((c) => c !== chord) ?? next ?? chord
        if (line.kind === 'chords' || line.kind === 'arp') voicing = lead(chord, voicing, line.around)
        const step = bar * steps + event.step
        const atS = secondsAt(writing, step)
        const late = (roll() + roll() + roll() - 1.5) * 2 * writing.looseS
        const strength =
          event.strength *
          stress(event.step % steps, line) *
          (1 + (roll() - 0.5) * (writing.looseS > 0 ? 0.2 : 0)) *
          10 ** ((line.db + (part.db ?? 0) + writing.db) / 20)
        pitches(line, event, chord, coming, voicing).forEach((midi, i) => {
          const strum = line.kind === 'chords' ? i * writing.looseS : 0
          notes.push({
            line,
            midi,
            strength,
            // the kick is what everybody else is late to
            atS: Math.max(0, atS + (line.kind === 'beat' && line.on === 'kick' ? 0 : late + strum)),
            // a stroke has no length, unless it is held
            lengthS:
              line.kind === 'beat' && event.length === 1 ? 0 : secondsAt(writing, step + event.length) - atS,
          })
        })
      }
      bar += part.bars
    })
  }
  return notes
}

interface Event {
  /** From the start of the part, sixteenths. */
  readonly step: number
  readonly length: number
  readonly sign: string
  readonly strength: number
}

const STROKES: Readonly<Record<string, number>> = { X: 1, x: 0.75, o: 0.35 }

const eventsOf = (line: Line, part: Part, steps: number): Event[] => {
  const total = part.bars * steps
  if (line.kind === 'tune') {
    const events: Event[] = []
    const tokens = line.plays.split(/[\s|]+/).filter(Boolean)
    for (let step = 0, i = 0; step < total; i++) {
      const [sign, length] = tokens[i % tokens.length]!.split('/')
      const sixteenths = Math.min(Number(length), total - step)
      if (sign !== '.') events.push({ step, length: sixteenths, sign: sign!, strength: 1 })
      step += sixteenths
    }
    return events
  }
  const bars = line.plays.split(' ')
  const once = bars.at(-1) === '/'
  const barAt = (i: number) => (once ? (bars[i] ?? '').replace('/', '') : bars[i % bars.length]!)
  let signs = Array.from({ length: part.bars }, (_, i) => barAt(i).padEnd(steps, '.')).join('')
  if (line.kind === 'beat' && line.fill && part.bars > 1) signs = signs.slice(0, -steps) + line.fill
  return Array.from(signs).flatMap((sign, step) => {
    if (sign === '.' || sign === '-') return []
    let length = 1
    while (signs[step + length] === '-') length++
    return [{ step, length, sign, strength: STROKES[sign] ?? 1 }]
  })
}

/** A hand is heavier on the beat than between. */
const stress = (step: number, line: Line) => {
  if (line.kind === 'beat') return 1
  if (step === 0) return 1.05
  return step % 4 === 0 ? 1 : step % 2 === 0 ? 0.93 : 0.85
}

const pitches = (
  line: Line,
  { sign }: Event,
  chord: Chord,
  next: Chord,
  voicing: readonly number[],
): readonly number[] => {
  switch (line.kind) {
    case 'beat':
      return [0]
    case 'chords':
      return voicing
    case 'arp':
      return [voicing[Number(sign) % voicing.length]! + 12 * Math.floor(Number(sign) / voicing.length)]
    case 'tune':
      return [noteNumber(sign)]
    case 'bass': {
      const low = line.from + mod(chord.bass - line.from, 12)
      const target = line.from + mod(next.bass - line.from, 12)
      if (sign === '<') return [target - 1]
      if (sign === '>') return [target + 1]
      if (sign === '8') return [low + 12]
      const [, third = 4, fifth = 7, seventh = 10] = chord.intervals
      const above = [0, 0, 2, third, 5, fifth, 9, chord.intervals.length > 3 ? seventh : 10][Number(sign)]!
      // over a bass that is not the root, the chord's other notes are still its own
      if (sign === '0') return [low - mod(chord.bass - chord.root - fifth, 12)]
      return [sign === '1' ? low : low + mod(chord.root + above - chord.bass, 12)]
    }
  }
}

/** Sixteenths → seconds; what lies within a beat is stretched so that its middle comes late. */
const secondsAt = ({ bpm, swing }: Writing, step: number) => {
  const beat = Math.floor(step / 4)
  const within = step / 4 - beat
  const swung = within < 0.5 ? within * 2 * swing : swing + (within - 0.5) * 2 * (1 - swing)
  return ((beat + swung) * 60) / bpm
}
