/** @file Funk in E minor: clavinet, scratched guitar, and a brass hook that a synthesiser answers. */
import { ENDING, ending, song } from './writing'

export const groove = song('groove', {
  bpm: 104,
  beatsPerBar: 4,
  swing: 0.56,
  looseS: 0.004,
  duck: 0.25,
  roomS: 1.1,
  db: 7.5,
  lines: {
    kick: { kind: 'beat', on: 'kick', plays: 'X.....x...x..... X..x......x..x..', db: -7.5 },
    kickDrop: { kind: 'beat', on: 'kick', plays: 'X.....x.x.x..... X..x..x.x.x..x..', db: -6.5 },
    kickBuild: { kind: 'beat', on: 'kick', plays: 'X...X...X...X...', fill: 'X.X.X.X.X.......', db: -8.5 },
    snare: {
      ...{ kind: 'beat', on: 'snare', db: -6, room: 0.12, pan: 0.05 },
      ...{ plays: '....X..o.o..X..o ....X..o.o..X.oo', fill: '....X..X.xoxXxXX' },
    },
    roll: {
      kind: 'beat',
      on: 'snare',
      plays: 'o.o.o.o.x.x.x.x.',
      fill: 'ooxxxxXX.X.X....',
      db: -8,
      room: 0.2,
    },
    rim: { kind: 'beat', on: 'rim', plays: '....x.......x..o', db: -9, room: 0.3, pan: -0.2 },
    hat: { kind: 'beat', on: 'hat', plays: 'x.o.xox.x.o.xo..', db: -8, pan: 0.25 },
    open: { kind: 'beat', on: 'openHat', plays: '..............x.', db: -12, pan: 0.25 },
    shaker: { kind: 'beat', on: 'shaker', plays: 'x.oox.oox.oox.oo', db: -12, pan: -0.4 },
    cowbell: { kind: 'beat', on: 'cowbell', plays: 'x...x..x..x.x...', db: -20, pan: -0.5, room: 0.2 },
    toms: { kind: 'beat', on: 'tom', plays: '/', fill: '.......x...x.x.X', db: -10, pan: -0.25, room: 0.15 },
    crash: { kind: 'beat', on: 'crash', plays: 'X /', db: -12, room: 0.2, pan: 0.2 },
    bass: { kind: 'bass', on: 'clavinet', plays: '1-.1.8.7..5.7.8. 1-.1.8..5.6.7.<.', from: 28, db: -13 },
    bassDrop: { kind: 'bass', on: 'clavinet', plays: '1-.1.81..5.8.7.< 1-.18..1.5.67.<.', from: 28, db: -11 },
    guitar: {
      kind: 'chords',
      on: 'scratch',
      plays: '..o.x..o..o.x.xo',
      around: 66,
      db: -12,
      pan: 0.45,
      room: 0.1,
    },
    tines: {
      kind: 'chords',
      on: 'tines',
      plays: '...x--....x-.... x--.....x-.x-...',
      around: 64,
      db: -15,
      room: 0.25,
    },
    tinesLong: { kind: 'chords', on: 'tines', plays: 'x--------------.', around: 66, db: -14, room: 0.45 },
    stabs: {
      kind: 'chords',
      on: 'brass',
      plays: 'X-............x- ......x-..X-....',
      around: 67,
      db: -15,
      room: 0.2,
      ducks: true,
    },
    tune: {
      ...{ kind: 'tune', on: 'tines', db: -13, room: 0.35, echo: 3, pan: -0.1 },
      plays: `./2 e5/2 g5/2 a5/1 b5/3 ./6 | ./4 c#6/2 b5/2 a5/1 g5/1 e5/2 ./4 |
        ./2 e5/2 g5/2 a5/1 b5/3 d6/2 b5/2 ./2 | c#6/3 b5/1 a5/2 f#5/2 e5/4 ./4`,
    },
    hook: {
      ...{ kind: 'tune', on: 'brass', db: -9, room: 0.25, ducks: true },
      plays: `g5/3 e5/1 ./2 g5/2 b5/3 a5/1 g5/2 ./2 | a5/3 f#5/1 ./2 a5/2 b5/2 d6/4 ./2 |
        b5/3 g5/1 ./2 e5/2 g5/2 a5/1 b5/1 e6/2 ./2 | d6/2 c#6/2 b5/2 a5/2 g5/1 a5/1 e5/2 ./4`,
    },
    answer: {
      ...{ kind: 'tune', on: 'lead', db: -15, room: 0.3, echo: 3, pan: 0.3 },
      plays: './14 e6/2 | ./12 f#6/2 e6/2 | ./14 b5/2 | ./11 g5/1 a5/2 b5/2',
    },
    ...ending('clavinet', 28, 'brass', 66, -17),
  },
  form: [
    { name: 'intro', bars: 4, chords: 'Em7 A9', plays: 'hat rim bass guitar', db: -4 },
    { name: 'verse', bars: 8, chords: 'Em7 A9', plays: 'kick snare toms hat bass guitar tines tune', db: -2 },
    {
      name: 'build',
      bars: 2,
      chords: 'Am7 Bm7',
      plays: 'kickBuild roll hat tinesLong stabs',
      db: 0,
      sweep: [500, 9000],
    },
    {
      name: 'drop',
      bars: 8,
      chords: 'Cmaj7 D6 Em7 A9',
      plays: 'crash kickDrop snare toms hat open shaker bassDrop guitar stabs hook',
    },
    { name: 'break', bars: 4, chords: 'Am7 Bm7 Cmaj7 D6', plays: 'rim shaker tinesLong tune', db: -3 },
    {
      ...{ name: 'drop', bars: 8, chords: 'Cmaj7 D6 Em7 A9' },
      plays: 'crash kickDrop snare toms hat open shaker cowbell bassDrop guitar stabs hook answer',
    },
    { name: 'end', bars: 2, chords: 'Em7', plays: ENDING },
  ],
})
