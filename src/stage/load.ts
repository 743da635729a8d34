/** @file From the bytes of a VRM to an avatar in the scene, and out of memory again. Nothing is ever fetched. */
import { MathUtils, SkinnedMesh, Texture, type Material, type Mesh, type Object3D } from 'three'
import { GLTFLoader, type GLTF, type GLTFParser } from 'three/examples/jsm/loaders/GLTFLoader.js'
import { MToonMaterial, VRMLoaderPlugin, VRMUtils, type VRM } from '@pixiv/three-vrm'
import { Fault } from '../shared/fault'

/** Textures larger than this are scaled down: nobody sees more on a figure, and four of 4096² fill 340 MB. */
const MAX_TEXTURE = 2048

/** `bytes` have passed cast/vrm-file. Throws `bad-input` for what the loader cannot read all the same. */
export const loadVrm = async (signal: AbortSignal, bytes: ArrayBuffer): Promise<VRM> => {
  const loader = new GLTFLoader()
  loader.register((parser) => new InsideOnly(parser))
  loader.register((parser) => new VRMLoaderPlugin(parser))
  let gltf: GLTF
  try {
    gltf = await loader.parseAsync(bytes, '')
  } catch (cause) {
    throw new Fault('bad-input', 'the loader cannot read this avatar', {
      detail: { what: 'avatar', reason: 'broken' },
      cause,
    })
  }
  const vrm = gltf.userData['vrm'] as VRM | undefined
  if (!vrm)
    throw new Fault('bad-input', 'no VRM in it', { detail: { what: 'avatar', reason: 'no-humanoid' } })
  if (signal.aborted) {
    disposeVrm(vrm)
    signal.throwIfAborted()
  }
  VRMUtils.removeUnnecessaryVertices(vrm.scene)
  VRMUtils.combineSkeletons(vrm.scene)
  VRMUtils.combineMorphs(vrm)
  // Bounds are those of the T-pose: an arm that is raised would be culled with the body it left.
  vrm.scene.traverse((object) => (object.frustumCulled = false))
  return vrm
}

/** Everything the avatar holds on the GPU and outside it. */
export const disposeVrm = (vrm: VRM) => {
  vrm.scene.removeFromParent()
  vrm.scene.traverse((object) => {
    for (const material of materialsOf(object))
      for (const value of Object.values(material) as unknown[])
        if (value instanceof Texture) closeBitmap(value as Texture)
    if (object instanceof SkinnedMesh) (object as SkinnedMesh).skeleton.dispose()
  })
  VRMUtils.deepDispose(vrm.scene)
}

/** Half of the fragments of a toon figure are its outline. */
export const hideOutlines = (scene: Object3D) =>
  scene.traverse((object) => {
    for (const material of materialsOf(object))
      if (material instanceof MToonMaterial && material.isOutline) material.visible = false
  })

const materialsOf = (object: Object3D): readonly Material[] => {
  const { material } = object as Partial<Mesh>
  return material ? [material].flat() : []
}

const closeBitmap = (texture: Texture) => {
  const image = texture.image
  if (typeof ImageBitmap !== 'undefined' && image instanceof ImageBitmap) image.close()
  texture.dispose()
}

/**
 * The loader reads pictures by making a URL of their bytes and fetching it, which the page's policy rightly forbids. Here
 * they are decoded as they are; `data:` URLs too; and nothing else has a way in.
 */
class InsideOnly {
  readonly name = 'proscenium-inside-only'

  constructor(parser: GLTFParser) {
    const pictures = new Map<number, Promise<Texture>>()
    parser.loadImageSource = async (index: number) => {
      const texture = pictures.get(index) ?? decode(parser, index)
      pictures.set(index, texture)
      // Uses of one picture differ in wrapping and filtering, so each gets a texture of its own over the same pixels.
      return (await texture).clone()
    }
    parser.fileLoader.load = (url, onLoad, _, onError) => {
      fromDataUrl(url).then(
        async (blob) => onLoad?.(await blob.arrayBuffer()),
        (e: unknown) => onError?.(e),
      )
    }
  }
}

const decode = async (parser: GLTFParser, index: number): Promise<Texture> => {
  const { bufferView, mimeType, uri } = (
    parser.json as { images: { bufferView?: number; mimeType?: string; uri?: string }[] }
  ).images[index]!
  const blob =
    bufferView === undefined
      ? await fromDataUrl(uri ?? '')
      : new Blob([(await parser.getDependency('bufferView', bufferView)) as ArrayBuffer], {
          type: mimeType ?? 'image/png',
        })
  const asIs = { premultiplyAlpha: 'none', colorSpaceConversion: 'none' } as const
  let bitmap = await createImageBitmap(blob, asIs)
  const scale = MAX_TEXTURE / Math.max(bitmap.width, bitmap.height)
  if (scale < 1) {
    const large = bitmap
    const [resizeWidth, resizeHeight] = [large.width, large.height].map((size) =>
      MathUtils.clamp(Math.round(size * scale), 1, MAX_TEXTURE),
    )
    bitmap = await createImageBitmap(large, {
      ...asIs,
      resizeWidth: resizeWidth!,
      resizeHeight: resizeHeight!,
      resizeQuality: 'high',
    })
    large.close()
  }
  const texture = new Texture(bitmap)
  texture.needsUpdate = true
  return texture
}

const fromDataUrl = async (url: string): Promise<Blob> => {
  const [, type, base64, data] = /^data:([^;,]*)(;base64)?,(.*)$/s.exec(url) ?? []
  if (data === undefined)
    throw new Fault('bad-input', 'refers to a file outside itself', {
      detail: { what: 'avatar', reason: 'external' },
    })
  const text = base64 ? atob(data) : decodeURIComponent(data)
  return new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))], { type: type ?? '' })
}
