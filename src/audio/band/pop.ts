/** @file The four chords everybody knows, in C: plucks and pads, then a hook over eighths. */
import { ENDING, ending, song } from './writing'

export const pop = song('pop', {
  bpm: 118,
  beatsPerBar: 4,
  swing: 0.5,
  looseS: 0.003,
  duck: 0.4,
  roomS: 1.6,
  db: 6.5,
  lines: {
    kick: { kind: 'beat', on: 'kick', plays: 'X.......x.x..... X.......x......x', db: -7.5 },
    kickDrop: { kind: 'beat', on: 'kick', plays: 'X...x...X...x...', fill: 'X...x...X.x.....', db: -6.5 },
    clap: { kind: 'beat', on: 'clap', plays: '....X.......X...', db: -6, room: 0.2 },
    snare: {
      kind: 'beat',
      on: 'snare',
      plays: '....X.......X...',
      fill: '....X...x.x.XxXX',
      db: -7,
      room: 0.15,
    },
    roll: {
      ...{ kind: 'beat', on: 'snare', db: -10, room: 0.2 },
      plays: 'x...x...x...x... x...x...x...x... x.x.x.x.x.x.x.x. xxxxxxxxXXXX....',
    },
    hat: { kind: 'beat', on: 'hat', plays: 'x.x.x.x.x.x.x.x. x.x.x.x.x.x.xox.', db: -9, pan: 0.2 },
    open: { kind: 'beat', on: 'openHat', plays: '..x...x...x...x.', db: -12, pan: -0.2 },
    shaker: { kind: 'beat', on: 'shaker', plays: 'xoxoxoxoxoxoxoxo', db: -14, pan: -0.45 },
    toms: { kind: 'beat', on: 'tom', plays: '/', fill: '........X..x..x.', db: -10, pan: 0.25, room: 0.2 },
    crash: { kind: 'beat', on: 'crash', plays: 'X /', db: -12, room: 0.3, pan: -0.2 },
    riser: {
      ...{ kind: 'beat', on: 'riser', db: -17, room: 0.2 },
      plays: '................ ................ X--------------- ----------------',
    },
    bass: { kind: 'bass', on: 'warmBass', plays: '1-----1-1---5-<-', from: 31, db: -14, ducks: true },
    bassDrop: {
      kind: 'bass',
      on: 'warmBass',
      plays: '1-1-1-1-1-1-5-<- 1-1-1-8-1-1-3-<-',
      from: 31,
      db: -12,
      ducks: true,
    },
    pad: {
      kind: 'chords',
      on: 'pad',
      plays: 'x---------------',
      around: 62,
      db: -18,
      room: 0.4,
      ducks: true,
    },
    plucks: {
      ...{ kind: 'arp', on: 'pluck', around: 67, db: -10, room: 0.3, echo: 3, pan: 0.2, ducks: true },
      plays: '0.1.2.1.0.1.2.3. 0.1.2.1.3.2.1.2.',
    },
    sparkle: {
      ...{ kind: 'arp', on: 'pluck', around: 74, db: -15, room: 0.3, pan: -0.4, ducks: true },
      plays: '0120120120120123 0120120120123210',
    },
    tune: {
      ...{ kind: 'tune', on: 'tines', db: -13, room: 0.35, echo: 6, pan: -0.1 },
      plays: `e5/2 g5/2 ./2 g5/2 a5/2 g5/4 ./2 | d5/2 g5/2 ./2 g5/2 b5/2 a5/4 ./2 |
        e5/2 a5/2 ./2 a5/2 c6/2 b5/2 a5/2 g5/2 | a5/6 g5/2 f5/2 e5/2 d5/4`,
    },
    hook: {
      ...{ kind: 'tune', on: 'lead', db: -10, room: 0.3, echo: 6, ducks: true },
      plays: `g5/3 e5/3 g5/2 c6/4 b5/2 a5/2 | b5/3 g5/3 d5/2 g5/6 ./2 |
        a5/3 g5/3 a5/2 c6/4 d6/2 c6/2 | a5/3 g5/3 f5/2 a5/4 g5/4 |
        e6/3 d6/3 c6/2 g5/4 a5/2 c6/2 | d6/3 b5/3 g5/2 b5/6 ./2 |
        c6/3 b5/3 a5/2 e5/4 g5/2 a5/2 | c6/6 a5/2 g5/4 ./4`,
    },
    high: {
      ...{ kind: 'tune', on: 'strings', db: -17, room: 0.4, ducks: true },
      plays: 'e6/16 | d6/16 | c6/16 | a5/8 b5/8 | g6/16 | g6/8 f6/8 | e6/16 | f6/8 g6/8',
    },
    ...ending('warmBass', 31, 'pluck', 67),
  },
  form: [
    { name: 'intro', bars: 4, chords: 'C G/B Am F', plays: 'plucks pad', db: -3 },
    {
      name: 'verse',
      bars: 8,
      chords: 'C G/B Am F',
      plays: 'kick clap hat toms bass plucks pad tune',
      db: -2,
    },
    {
      name: 'build',
      bars: 4,
      chords: 'F G Am G',
      plays: 'roll riser hat bass plucks pad',
      db: 0,
      sweep: [700, 12_000],
    },
    {
      name: 'drop',
      bars: 8,
      chords: 'C G Am F',
      plays: 'crash kickDrop clap snare hat open shaker bassDrop pad sparkle hook',
    },
    { name: 'break', bars: 4, chords: 'Am F C G', plays: 'pad plucks tune shaker', db: -3 },
    {
      ...{ name: 'drop', bars: 8, chords: 'C G Am F' },
      plays: 'crash kickDrop clap snare toms hat open shaker bassDrop pad sparkle hook high',
    },
    { name: 'end', bars: 2, chords: 'C', plays: ENDING },
  ],
})
