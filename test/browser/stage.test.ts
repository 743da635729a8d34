/** @file The stage on a real WebGL context: both versions of VRM come on, move, and leave nothing behind. */
import { afterEach, expect, test } from 'vitest'
import { Stage } from '../../src/stage/stage'
import { glb, vrmDescription } from '../fixtures/vrm'

const never = new AbortController().signal

/** What lives on the GPU, by kind, counted at the door. */
const living = { Texture: 0, Buffer: 0, VertexArray: 0, Program: 0, Framebuffer: 0 }
for (const kind of Object.keys(living) as (keyof typeof living)[]) {
  const gl = WebGL2RenderingContext.prototype as unknown as Record<string, (...args: unknown[]) => unknown>
  const { [`create${kind}`]: create, [`delete${kind}`]: remove } = gl
  gl[`create${kind}`] = function (...args) {
    living[kind]++
    return create!.apply(this, args)
  }
  gl[`delete${kind}`] = function (...args) {
    if (args[0]) living[kind]--
    return remove!.apply(this, args)
  }
}

let stage: Stage | undefined
const open = () => {
  const canvas = document.createElement('canvas')
  canvas.style.cssText = 'width: 320px; height: 240px'
  document.body.append(canvas)
  return (stage = new Stage(canvas))
}
afterEach(() => {
  stage?.dispose()
  document.body.replaceChildren()
})

const frames = (count: number) =>
  new Promise<void>((resolve) => {
    const step = () => (count-- > 0 ? requestAnimationFrame(step) : resolve())
    step()
  })
const bytes = (version: '0' | '1') => glb(vrmDescription(version)).buffer

test.each(['0', '1'] as const)('an avatar of VRM %s comes on and has its expressions', async (version) => {
  const stage = open()
  await stage.enter(never, bytes(version))
  await frames(10)
  expect(Object.keys(stage.expressions())).toEqual(expect.arrayContaining(['aa', 'blink', 'happy']))
})

test('the mouth on stage is what the frame asks for, and rests without', async () => {
  const stage = open()
  let open01 = 1
  stage.onframe = (acting) => {
    acting.mouth.fill(0)
    acting.mouth[10] = open01 // aa
  }
  await stage.enter(never, bytes('1'))
  await frames(20)
  expect(stage.expressions()['aa']).toBeGreaterThan(0.5)
  open01 = 0
  await frames(30)
  expect(stage.expressions()['aa']).toBeLessThan(0.1)
})

test('a change of avatars gives back all that the one before held', async () => {
  const stage = open()
  await stage.enter(never, bytes('1'))
  await stage.enter(never, bytes('0'))
  await frames(5)
  const after2 = { ...living }
  for (let i = 0; i < 6; i++) {
    await stage.enter(never, bytes(i % 2 ? '0' : '1'))
    await frames(5)
  }
  expect(living).toEqual(after2)
})

test('disposed, nothing is left', async () => {
  const before = { ...living }
  const stage = open()
  await stage.enter(never, bytes('1'))
  await frames(5)
  expect(living.Program).toBeGreaterThan(before.Program)
  stage.dispose()
  // Four of one pixel, three's stand-ins for what has no texture, go with the context.
  expect(living.Texture - before.Texture).toBeLessThanOrEqual(4)
  expect(living.Buffer - before.Buffer).toBeLessThanOrEqual(0)
  expect(living.Program - before.Program).toBeLessThanOrEqual(0)
})

test('one that is given up does not come, and the one on stage stays', async () => {
  const stage = open()
  await stage.enter(never, bytes('1'))
  await frames(2)
  const before = { ...living }
  await expect(stage.enter(AbortSignal.abort(), bytes('0'))).rejects.toMatchObject({ name: 'AbortError' })
  await frames(5)
  expect(living).toEqual(before)
  expect(Object.keys(stage.expressions())).toContain('aa')
})

test('what the loader cannot read is a fault', async () => {
  const stage = open()
  await expect(stage.enter(never, new TextEncoder().encode('no').buffer)).rejects.toMatchObject({
    code: 'bad-input',
  })
})
