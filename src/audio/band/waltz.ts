/** @file A waltz in G: a music box begins, strings take over, and both end together. */
import { song } from './writing'

export const waltz = song('waltz', {
  bpm: 92,
  beatsPerBar: 3,
  swing: 0.5,
  looseS: 0.007,
  duck: 0,
  roomS: 2.2,
  db: 6,
  lines: {
    kick: { kind: 'beat', on: 'softKick', plays: 'X...........', db: -11, room: 0.1 },
    brush: {
      kind: 'beat',
      on: 'brush',
      plays: '....x...x...',
      fill: '....x.o.x.xo',
      db: -10,
      room: 0.2,
      pan: 0.15,
    },
    shaker: { kind: 'beat', on: 'shaker', plays: 'x.o.x.o.x.o.', db: -17, pan: -0.4 },
    timpani: { kind: 'beat', on: 'tom', plays: '/', fill: '....x...xxXX', db: -13, room: 0.5 },
    crash: { kind: 'beat', on: 'crash', plays: 'X /', db: -17, room: 0.4 },
    bass: {
      kind: 'bass',
      on: 'doubleBass',
      plays: '1-------.... 1-------5-<-',
      from: 31,
      db: -12,
      room: 0.1,
    },
    bassDrop: {
      kind: 'bass',
      on: 'doubleBass',
      plays: '1-------5--- 1---3---<---',
      from: 31,
      db: -10,
      room: 0.1,
    },
    offbeats: { kind: 'chords', on: 'tines', plays: '....x--.x--.', around: 62, db: -14, room: 0.3 },
    box: {
      kind: 'arp',
      on: 'musicBox',
      plays: '0.1.2.1.2.1. 0.1.2.3.2.1.',
      around: 72,
      db: -13,
      pan: -0.25,
      room: 0.4,
    },
    strings: { kind: 'chords', on: 'strings', plays: 'x-----------', around: 62, db: -17, room: 0.5 },
    tune: {
      ...{ kind: 'tune', on: 'musicBox', db: -6, room: 0.45, pan: 0.1 },
      plays: `d5/4 g5/4 b5/4 | a5/8 f#5/4 | g5/4 b5/4 e6/4 | d6/6 c6/2 b5/4 |
        c6/4 e6/4 c6/4 | b5/8 g5/4 | a5/4 b5/2 c6/2 e6/4 | d6/8 ./4`,
    },
    tuneHigh: {
      ...{ kind: 'tune', on: 'musicBox', db: -9, room: 0.45, pan: 0.2 },
      plays: `d6/2 b5/2 g5/2 b5/2 d6/4 | a5/2 d6/2 a5/2 f#5/2 a5/4 | g5/2 b5/2 e6/2 b5/2 g6/4 | d6/6 c6/2 b5/4 |
        c6/2 e6/2 g6/2 e6/2 c6/4 | b5/2 d6/2 b5/2 g5/2 d6/4 | a5/2 c6/2 e6/2 c6/2 a6/4 | f#6/4 d6/4 ./4`,
    },
    song: {
      ...{ kind: 'tune', on: 'strings', db: -7, room: 0.5 },
      plays: `e6/8 d6/2 c6/2 | d6/8 c6/2 b5/2 | d6/4 b5/4 f#5/4 | g5/8 b5/4 |
        c6/8 b5/2 a5/2 | f#5/4 a5/4 d6/4 | b5/6 a5/2 g5/4 | g5/8 f5/4`,
    },
    songA: {
      ...{ kind: 'tune', on: 'strings', db: -8, room: 0.5 },
      plays: `d5/4 g5/4 b5/4 | a5/8 f#5/4 | g5/4 b5/4 e6/4 | d6/6 c6/2 b5/4 |
        c6/4 e6/4 c6/4 | b5/8 g5/4 | a5/4 b5/2 c6/2 e6/4 | d6/4 c6/4 a5/4`,
    },
    lastBass: { kind: 'bass', on: 'doubleBass', plays: '1--------- /', from: 31, db: -10, room: 0.2 },
    lastKick: { kind: 'beat', on: 'softKick', plays: 'X /', db: -11 },
    lastStrings: { kind: 'chords', on: 'strings', plays: 'X---------- /', around: 65, db: -13, room: 0.5 },
    lastBox: { kind: 'tune', on: 'musicBox', plays: 'g6/12 ./12', db: -6, room: 0.5 },
  },
  form: [
    { name: 'intro', bars: 4, chords: 'G D/F# Em C', plays: 'box', db: -1 },
    {
      name: 'verse',
      bars: 8,
      chords: 'G D/F# Em Em C G/B Am7 D7',
      plays: 'kick brush bass offbeats tune',
      db: -2,
    },
    {
      name: 'build',
      bars: 4,
      chords: 'Em Bm7 Am7 D7',
      plays: 'brush timpani bass strings box',
      db: 0,
      sweep: [900, 9000],
    },
    {
      name: 'drop',
      bars: 8,
      chords: 'C D Bm7 Em Am7 D7 G G7',
      plays: 'crash kick brush shaker bassDrop offbeats strings box song',
    },
    { name: 'break', bars: 4, chords: 'C G/B Am7 D7', plays: 'box strings', db: -4 },
    {
      ...{ name: 'drop', bars: 8, chords: 'G D/F# Em Em C G/B Am7 D7' },
      plays: 'crash kick brush shaker timpani bassDrop offbeats strings tuneHigh songA',
    },
    { name: 'end', bars: 2, chords: 'G', plays: 'lastBass lastKick lastStrings lastBox' },
  ],
})
