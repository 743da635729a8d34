/** @file Disco in A minor, once around the circle of fifths: octaves in the bass, strings on top. */
import { ENDING, ending, song } from './writing'

export const disco = song('disco', {
  bpm: 116,
  beatsPerBar: 4,
  swing: 0.5,
  looseS: 0.003,
  duck: 0.25,
  roomS: 1.4,
  db: 7.5,
  lines: {
    kick: { kind: 'beat', on: 'kick', plays: 'X...X...X...X...', db: -7.5 },
    snare: {
      kind: 'beat',
      on: 'snare',
      plays: '....X.......X...',
      fill: '....X..x.x.xXxxX',
      db: -7,
      room: 0.15,
    },
    clap: { kind: 'beat', on: 'clap', plays: '....X.......X...', db: -9, room: 0.2, pan: -0.1 },
    roll: { kind: 'beat', on: 'snare', plays: 'x.x.x.x.x.x.x.x. xxxxxxxxX.X.X...', db: -10, room: 0.2 },
    open: { kind: 'beat', on: 'openHat', plays: '..X...X...X...X.', db: -8, pan: 0.2 },
    hat: { kind: 'beat', on: 'hat', plays: 'xo.oxo.oxo.oxo.o', db: -10, pan: 0.2 },
    shaker: { kind: 'beat', on: 'shaker', plays: 'xoxoxoxoxoxoxoxo', db: -15, pan: -0.5 },
    cowbell: { kind: 'beat', on: 'cowbell', plays: 'x...x...x...x.x.', db: -21, pan: -0.4, room: 0.2 },
    toms: { kind: 'beat', on: 'tom', plays: '/', fill: '........x.xX.xX.', db: -9, pan: -0.3, room: 0.2 },
    crash: { kind: 'beat', on: 'crash', plays: 'X /', db: -12, room: 0.3, pan: -0.25 },
    bass: { kind: 'bass', on: 'warmBass', plays: '1.8.1.8.1.8.5.8. 1.8.1.8.5.8.3.<.', from: 31, db: -13 },
    bassDrop: { kind: 'bass', on: 'warmBass', plays: '1.8.1.881.8.5.8. 1.8.1.885.8.3.<8', from: 31, db: -12 },
    guitar: {
      kind: 'chords',
      on: 'scratch',
      plays: 'x.oox.x.oox.x.oo',
      around: 67,
      db: -17,
      pan: 0.5,
      room: 0.1,
    },
    tines: {
      kind: 'chords',
      on: 'tines',
      plays: 'x--...x---....x-',
      around: 64,
      db: -16,
      room: 0.25,
      pan: -0.2,
    },
    stabs: {
      kind: 'chords',
      on: 'strings',
      plays: '..........x-x-.. ................',
      around: 72,
      db: -15,
      room: 0.3,
    },
    swell: {
      kind: 'chords',
      on: 'strings',
      plays: 'x---------------',
      around: 67,
      db: -17,
      room: 0.4,
      ducks: true,
    },
    tune: {
      ...{ kind: 'tune', on: 'lead', db: -14, room: 0.3, echo: 3, pan: 0.1 },
      plays: `./4 e5/2 g5/2 a5/3 g5/1 e5/4 | ./4 f#5/2 a5/2 c6/4 ./4 |
        ./4 d5/2 f#5/2 g5/3 f#5/1 d5/4 | ./4 e5/2 g5/2 b5/4 ./4 |
        ./4 c5/2 e5/2 f5/3 e5/1 c5/4 | ./4 d5/2 f5/2 a5/4 ./4 |
        ./4 g#5/2 b5/2 d6/3 b5/1 g#5/4 | a5/4 e5/4 a5/4 ./4`,
    },
    hook: {
      ...{ kind: 'tune', on: 'strings', db: -9, room: 0.35 },
      plays: `a5/4 c6/2 e6/6 d6/2 c6/2 | d6/4 c6/2 a5/6 ./4 | g5/4 b5/2 d6/6 c6/2 b5/2 | c6/4 b5/2 g5/6 ./4 |
        f5/4 a5/2 c6/6 b5/2 a5/2 | b5/4 a5/2 f5/6 ./4 |
        e5/2 g#5/2 b5/2 d6/2 e6/4 d6/2 b5/2 | c6/6 b5/2 a5/4 ./4`,
    },
    answer: {
      ...{ kind: 'tune', on: 'brass', db: -12, room: 0.25, pan: 0.2 },
      plays: `./16 | ./12 a5/1 ./1 f#5/1 ./1 | ./16 | ./12 g5/1 ./1 e5/1 ./1 |
        ./16 | ./12 f5/1 ./1 d5/1 ./1 | ./16 | ./12 a5/1 g5/1 e5/2`,
    },
    ...ending('warmBass', 31, 'strings', 67, -17),
  },
  form: [
    { name: 'intro', bars: 4, chords: 'Am7 D9 Gmaj7 E7', plays: 'kick hat guitar tines', db: -4 },
    {
      ...{ name: 'verse', bars: 8, chords: 'Am7 D9 Gmaj7 Cmaj7 Fmaj7 Bm7b5 E7 Am7', db: -2 },
      plays: 'kick snare toms open hat bass guitar tines tune',
    },
    {
      name: 'build',
      bars: 2,
      chords: 'Bm7b5 E7',
      plays: 'kick roll open swell',
      db: 0,
      sweep: [800, 12_000],
    },
    {
      ...{ name: 'drop', bars: 8, chords: 'Am7 D9 Gmaj7 Cmaj7 Fmaj7 Bm7b5 E7 Am7' },
      plays: 'crash kick snare clap toms open hat shaker bassDrop guitar tines hook',
    },
    { name: 'break', bars: 4, chords: 'Fmaj7 G Em7 Am7', plays: 'clap cowbell shaker swell tines', db: -3 },
    {
      ...{ name: 'drop', bars: 8, chords: 'Am7 D9 Gmaj7 Cmaj7 Fmaj7 Bm7b5 E7 Am7' },
      plays: 'crash kick snare clap toms open hat shaker cowbell bassDrop guitar stabs tines hook answer',
    },
    { name: 'end', bars: 2, chords: 'Am7', plays: ENDING },
  ],
})
