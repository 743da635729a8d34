/** @file House in F minor: four on the floor, organ stabs, and pads that breathe with the kick. */
import { ENDING, ending, song } from './writing'

export const house = song('house', {
  bpm: 124,
  beatsPerBar: 4,
  swing: 0.5,
  looseS: 0.002,
  duck: 0.65,
  roomS: 1.5,
  db: 8,
  lines: {
    kick: { kind: 'beat', on: 'kick', plays: 'X...X...X...X...', db: -6.5 },
    kickBuild: {
      ...{ kind: 'beat', on: 'kick', db: -9.5 },
      plays: 'X...X...X...X... X...X...X...X... X.X.X.X.X.X.X.X. XxxxXxxxX.......',
    },
    clap: {
      kind: 'beat',
      on: 'clap',
      plays: '....X.......X...',
      fill: '....X.......X.xX',
      db: -6,
      room: 0.2,
    },
    roll: {
      ...{ kind: 'beat', on: 'snare', db: -11, room: 0.25 },
      plays: '....x.......x... ....x...x...x... x.x.x.x.x.x.x.x. xxxxxxxxX...X...',
    },
    hat: { kind: 'beat', on: 'openHat', plays: '..X...X...X...X.', db: -8, pan: 0.15 },
    closed: { kind: 'beat', on: 'hat', plays: 'xo.oxo.oxo.oxo.o', db: -10, pan: -0.25 },
    shaker: { kind: 'beat', on: 'shaker', plays: 'ooxoooxoooxoooxo', db: -13, pan: -0.4 },
    rim: { kind: 'beat', on: 'rim', plays: '...x..x....x....', db: -14, pan: 0.4, room: 0.3 },
    crash: { kind: 'beat', on: 'crash', plays: 'X /', db: -11, room: 0.3, pan: 0.2 },
    boom: { kind: 'beat', on: 'boom', plays: 'X /', db: -13 },
    riser: {
      ...{ kind: 'beat', on: 'riser', db: -15, room: 0.2 },
      plays: '................ ................ X--------------- ------------....',
    },
    bass: {
      kind: 'bass',
      on: 'warmBass',
      plays: '..1-..1-..1-..8- ..1-..1-..1-5-<-',
      from: 29,
      db: -13,
      ducks: true,
    },
    bassDrop: {
      kind: 'bass',
      on: 'warmBass',
      plays: '..1-..11..1-.18. ..1-..11..1-.5<-',
      from: 29,
      db: -11,
      ducks: true,
    },
    pad: {
      kind: 'chords',
      on: 'pad',
      plays: 'x---------------',
      around: 63,
      db: -17,
      room: 0.4,
      ducks: true,
    },
    organ: {
      kind: 'chords',
      on: 'organ',
      plays: '..x-..x-...x-.x- ..x-..x-.x-.x-..',
      around: 63,
      db: -15,
      room: 0.25,
      ducks: true,
    },
    stabs: {
      kind: 'chords',
      on: 'organ',
      plays: 'x-.x-.x-..x-x-.. x-.x-.x-..x-..x-',
      around: 65,
      db: -13,
      room: 0.25,
      ducks: true,
    },
    plucks: {
      ...{ kind: 'arp', on: 'pluck', around: 70, db: -12, room: 0.35, echo: 3, pan: -0.2, ducks: true },
      plays: '0..2..1...3..2.. 0..2..1...4..3..',
    },
    hook: {
      ...{ kind: 'tune', on: 'lead', db: -11, room: 0.3, echo: 3, ducks: true },
      plays: `c6/3 ab5/3 c6/2 eb6/3 c6/3 ./2 | bb5/3 ab5/3 g5/2 ab5/6 ./2 |
        f5/3 ab5/3 c6/2 f6/3 eb6/3 ./2 | c6/3 bb5/3 g5/2 bb5/4 ./4 |
        c6/3 ab5/3 c6/2 eb6/3 f6/3 ./2 | eb6/3 c6/3 bb5/2 ab5/6 ./2 |
        f5/3 ab5/3 c6/2 f6/3 ab6/3 ./2 | g6/3 f6/3 eb6/2 bb5/2 c6/4 ./2`,
    },
    strings: {
      ...{ kind: 'tune', on: 'strings', db: -16, room: 0.45, ducks: true },
      plays: 'g5/16 | g5/8 c6/8 | f5/16 | g5/8 bb5/8 | ab5/16 | c6/16 | c6/8 ab5/8 | bb5/16',
    },
    ...ending('warmBass', 29, 'organ', 63, -16),
  },
  form: [
    { name: 'intro', bars: 4, chords: 'Fm9', plays: 'kick closed rim organ', db: -5, sweep: [400, 3000] },
    {
      name: 'verse',
      bars: 8,
      chords: 'Fm9 Fm9 Dbmaj9 Eb6',
      plays: 'kick clap hat shaker bass organ plucks',
      db: -2,
    },
    {
      name: 'build',
      bars: 4,
      chords: 'Dbmaj9 Dbmaj9 Eb6 C7',
      plays: 'kickBuild roll riser pad plucks',
      db: 0,
      sweep: [500, 12_000],
    },
    {
      name: 'drop',
      bars: 8,
      chords: 'Fm9 Abmaj9 Dbmaj9 Eb6',
      plays: 'crash boom kick clap hat closed shaker rim bassDrop pad stabs hook',
    },
    { name: 'break', bars: 4, chords: 'Dbmaj9 Eb6 Fm9 Cm7', plays: 'pad plucks strings shaker', db: -3 },
    {
      name: 'build',
      bars: 4,
      chords: 'Dbmaj9 Dbmaj9 Eb6 C7',
      plays: 'kickBuild roll riser pad strings',
      db: 0,
      sweep: [600, 12_000],
    },
    {
      ...{ name: 'drop', bars: 8, chords: 'Fm9 Abmaj9 Dbmaj9 Eb6' },
      plays: 'crash boom kick clap hat closed shaker rim bassDrop pad stabs hook strings',
    },
    { name: 'end', bars: 2, chords: 'Fm9', plays: ENDING },
  ],
})
