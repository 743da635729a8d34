/** @file `npm ci` takes packages from the registry and downloads nothing else: what the lock file promises. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly version?: string
  readonly name?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
}
const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
const manifest = JSON.parse(read('package.json')) as {
  overrides: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}
const named = (name: string) =>
  Object.entries(packages).filter(([path]) => path.endsWith(`node_modules/${name}`))

test('nothing runs a script of its own when it is installed, but the watcher of files on a Mac', () => {
  const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript)
  expect(scripted.map(([path]) => path).filter((path) => !path.endsWith('/fsevents'))).toEqual([])
})

test('no address of a registry is written down', () => {
  expect(Object.values(packages).filter(({ resolved }) => resolved)).toEqual([])
})

test('what would download or run when it is installed is replaced by an empty package', () => {
  for (const name of ['onnxruntime-node', 'sharp', 'protobufjs']) {
    expect(manifest.overrides[name]).toBe('npm:empty-npm-package@1.0.0')
    for (const [, { name: real }] of named(name)) expect(real).toBe('empty-npm-package')
  }
})

test('there is one onnxruntime-web at most, of the version that is asked for', () => {
  const found = named('onnxruntime-web').map(([, { version }]) => version)
  expect(found.length).toBeLessThanOrEqual(1)
  for (const version of found) expect(version).toBe(manifest.overrides['onnxruntime-web'])
})

test('every version is pinned', () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version))).toEqual([])
})
