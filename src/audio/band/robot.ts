/** @file Electro in D minor: nothing sways, chips run, and a voice says its two vowels. */
import { ENDING, ending, song } from './writing'

export const robot = song('robot', {
  bpm: 128,
  beatsPerBar: 4,
  swing: 0.5,
  looseS: 0,
  duck: 0.45,
  roomS: 0.9,
  db: 8.5,
  lines: {
    kick: { kind: 'beat', on: 'kick', plays: 'X.....x...X..... X.....x...X...x.', db: -6.5 },
    kickDrop: { kind: 'beat', on: 'kick', plays: 'X...X...X...X...', fill: 'X...X...X.X.X.XX', db: -6.5 },
    clap: { kind: 'beat', on: 'clap', plays: '....X.......X...', db: -6, room: 0.15 },
    roll: {
      ...{ kind: 'beat', on: 'clap', db: -11, room: 0.2 },
      plays: '....x.......x... ....x.......x... x...x...x...x... x.x.x.x.xxxxxx..',
    },
    hat: { kind: 'beat', on: 'hat', plays: 'x.x.x.xxx.x.x.x.', db: -9, pan: 0.3 },
    open: { kind: 'beat', on: 'openHat', plays: '..x...x...x...x.', db: -11, pan: -0.15 },
    rim: { kind: 'beat', on: 'rim', plays: '...x..x..x....x.', db: -13, pan: -0.5, room: 0.2 },
    cowbell: { kind: 'beat', on: 'cowbell', plays: '..x..x....x..x..', db: -21, pan: 0.5 },
    zap: {
      kind: 'beat',
      on: 'zap',
      plays: '............x... ................',
      fill: '........x..x..x.',
      db: -14,
      pan: -0.3,
      room: 0.3,
    },
    crash: { kind: 'beat', on: 'crash', plays: 'X /', db: -13, room: 0.2 },
    riser: {
      ...{ kind: 'beat', on: 'riser', db: -17, room: 0.2 },
      plays: '................ ................ X--------------- --------------..',
    },
    bass: {
      kind: 'bass',
      on: 'acid',
      plays: '1.1.8.1.1.7.1.5. 1.1.8.1.5.7.3.<.',
      from: 33,
      db: -15,
      ducks: true,
    },
    bassDrop: {
      kind: 'bass',
      on: 'acid',
      plays: '..118.1...1187.< ..118.1...15678<',
      from: 33,
      db: -12,
      ducks: true,
    },
    chips: {
      kind: 'arp',
      on: 'chip',
      plays: '0120120120120120',
      around: 69,
      db: -15,
      pan: 0.3,
      room: 0.2,
      ducks: true,
    },
    chipsDrop: {
      kind: 'arp',
      on: 'chip',
      plays: '0123210401232104 0123210401235432',
      around: 69,
      db: -14,
      pan: -0.3,
      room: 0.2,
      ducks: true,
    },
    pad: {
      kind: 'chords',
      on: 'pad',
      plays: 'x---------------',
      around: 62,
      db: -19,
      room: 0.3,
      ducks: true,
    },
    voice: {
      ...{ kind: 'tune', on: 'robot', db: -13.5, room: 0.2 },
      plays: `d4/2 d4/1 ./1 f4/2 ./2 d4/2 a3/2 c4/2 ./2 | ./8 d4/1 ./1 d4/1 ./1 c4/2 a3/2 |
        d4/2 d4/1 ./1 f4/2 ./2 g4/2 f4/2 d4/2 ./2 | ./4 e4/2 ./2 g4/2 e4/2 c4/4`,
    },
    hook: {
      ...{ kind: 'tune', on: 'chip', db: -9, room: 0.25, echo: 3, ducks: true },
      plays: `d6/2 a5/2 f5/2 a5/2 d6/2 e6/2 f6/2 e6/2 | d6/2 a5/2 f5/2 a5/2 c6/4 ./4 |
        d6/2 bb5/2 f5/2 bb5/2 d6/2 f6/2 g6/2 f6/2 | e6/2 c6/2 g5/2 c6/2 e6/4 ./4 |
        d6/2 a5/2 f5/2 a5/2 d6/2 e6/2 f6/2 a6/2 | g6/2 f6/2 e6/2 d6/2 a5/4 ./4 |
        bb5/2 d6/2 f6/2 bb6/2 a6/2 f6/2 d6/2 bb5/2 | c6/2 e6/2 g6/2 e6/2 c6/2 ./6`,
    },
    ...ending('acid', 33, 'chip', 66, -15),
  },
  form: [
    { name: 'intro', bars: 4, chords: 'Dm', plays: 'hat rim chips bass', db: -4, sweep: [500, 5000] },
    { name: 'verse', bars: 8, chords: 'Dm Dm Bb C', plays: 'kick clap hat rim zap bass chips voice', db: -2 },
    {
      name: 'build',
      bars: 4,
      chords: 'Gm7 Gm7 A7 A7',
      plays: 'roll riser hat chips bass',
      db: 0,
      sweep: [600, 12_000],
    },
    {
      name: 'drop',
      bars: 8,
      chords: 'Dm Am7 Bb C',
      plays: 'crash kickDrop clap hat open cowbell bassDrop chipsDrop pad hook',
    },
    { name: 'break', bars: 4, chords: 'Dm Dm Bb C', plays: 'rim zap pad voice', db: -3 },
    {
      name: 'drop',
      bars: 8,
      chords: 'Dm Am7 Bb C',
      plays: 'crash kickDrop clap hat open rim zap cowbell bassDrop chipsDrop pad hook voice',
    },
    { name: 'end', bars: 2, chords: 'Dm', plays: ENDING },
  ],
})
