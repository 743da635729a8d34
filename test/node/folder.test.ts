/** @file Folders of the person's own as repositories, and addresses of hubs. */
import { expect, test } from 'vitest'
import { CHAT } from '../../src/models/catalogue/chat'
import { folderOf, isOwn, listingOf, modelNamed, ownRepo, textsOf } from '../../src/models/folder'
import { isRepoName } from '../../src/models/hub'
import { addressFault } from '../../src/ui/models/address'

const given = (...paths: string[]) => paths.map((path) => ({ path, file: new Blob([path]) }))
const pathsOf = (...paths: string[]) => {
  const { name, files } = folderOf(given(...paths), 'model')
  return [name, ...files.map(({ path }) => path)]
}

test('a folder begins where its config.json lies', () => {
  expect(pathsOf('LFM2.5-350M-ONNX/config.json', 'LFM2.5-350M-ONNX/onnx/model_q4.onnx')).toEqual([
    'LFM2.5-350M-ONNX',
    'config.json',
    'onnx/model_q4.onnx',
  ])
  expect(pathsOf('all/mine/config.json', 'all/mine/onnx/model.onnx', 'all/other/readme.md')).toEqual([
    'mine',
    'config.json',
    'onnx/model.onnx',
  ])
  expect(pathsOf('hub/models--LiquidAI--LFM2.5-350M-ONNX/snapshots/0123/config.json')).toEqual([
    'LiquidAI/LFM2.5-350M-ONNX',
    'config.json',
  ])
})

test('without one it is what all files have in common; single files are no folder', () => {
  expect(pathsOf('silero/onnx/model.onnx', 'silero/readme.md')).toEqual([
    'silero',
    'onnx/model.onnx',
    'readme.md',
  ])
  expect(pathsOf('config.json', 'tokenizer.json')).toEqual(['model', 'config.json', 'tokenizer.json'])
  expect(pathsOf()).toEqual(['model'])
})

test('known by the name of its repository, with its owner or without', () => {
  expect(modelNamed('lfm2.5-350m-onnx', CHAT)?.id).toBe('lfm2.5-350m')
  expect(modelNamed('LiquidAI/LFM2.5-350M-ONNX', CHAT)?.id).toBe('lfm2.5-350m')
  expect(modelNamed('holiday pictures', CHAT)).toBeUndefined()
})

test('an own folder is called as no repository of a hub can be', () => {
  for (const name of ['My model (2)', '..', '模型', '']) {
    const repo = ownRepo({ name, files: [] })
    expect(isOwn(repo)).toBe(true)
    expect(isRepoName(repo)).toBe(false)
    expect(repo.length).toBeGreaterThan(2)
  }
  const { files, repo } = listingOf(folderOf(given('m/config.json'), ''), '~/m')
  expect([repo, files.map(({ path, bytes }) => [path, bytes])]).toEqual(['~/m', [['config.json', 13]]])
})

test('small texts are read, and no others', async () => {
  const huge = { path: 'README.md', file: new Blob([new Uint8Array(2 ** 20 + 1)]) }
  expect(await textsOf([...given('config.json', 'onnx/model.onnx'), huge])).toEqual({
    'config.json': 'config.json',
  })
})

const POLICY =
  "default-src 'none'; connect-src 'self' https://huggingface.co https://*.hf.co http://127.0.0.1:41730; img-src *"

test.each([
  ['', undefined],
  ['  https://huggingface.co/ ', undefined],
  ['https://cdn.hf.co', undefined],
  ['http://127.0.0.1:41730', undefined],
  ['huggingface.co', 'notAddress'],
  ['ftp://huggingface.co', 'notAddress'],
  ['https://', 'notAddress'],
  ['javascript:alert(1)', 'notAddress'],
  ['http://huggingface.co', 'notSecure'],
  ['https://hf.co', 'notAllowed'],
  ['https://mirror.example.org', 'notAllowed'],
  ['https://huggingface.co.evil.example', 'notAllowed'],
  ['http://127.0.0.1:1', 'notAllowed'],
])('as the address of a hub: %s', (address, why) => {
  expect(addressFault(address, POLICY)?.why).toBe(why)
})
