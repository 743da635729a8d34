/** @file What the interface says of dances, in every language. */
import { expect, test } from 'vitest'
import { moves } from '../../src/ui/words/moves.zh'
import { ARMS } from '../../workers/dance/moves/arms'
import { FEET } from '../../workers/dance/moves/feet'
import { GROOVES, HEADS } from '../../workers/dance/moves/grooves'
import { POSES } from '../../workers/dance/moves/poses'

test('every move has a Chinese name, and no name is of a move that is gone', () => {
  const names = new Set([ARMS, FEET, GROOVES, HEADS, POSES].flatMap((layer) => layer.map(({ name }) => name)))
  expect(Object.keys(moves).sort()).toEqual([...names].sort())
})
