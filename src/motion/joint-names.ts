/**
 * @file Which joint of a foreign skeleton is which bone. By name, as far as the names are known (CMU, Mixamo, Rokoko,
 * Reallusion, 3ds Max, SMPL and what is like them); the back by what lies between hips and shoulders, however many joints
 * that are; and where names say nothing, by how the skeleton branches.
 */
import { refuseJoints } from './refuse'
import { PARENT } from './skeleton'
import { length, type Vec } from './vector'

export interface NamedJoint {
  readonly name: string
  readonly parent: number
  readonly offset: Vec
}

/** Index of the joint of each bone. Throws where no human is to be seen, and says which joints there are. */
export const bonesOfJoints = (joints: readonly NamedJoint[]): ReadonlyMap<string, number> => {
  const bones = byName(joints) ?? byBranches(joints)
  return bones ?? refuseJoints(joints.map(({ name }) => name))
}

/** A name without its maker's prefix, in small letters, and whose side it is on. */
interface Plain {
  readonly side: 'left' | 'right' | undefined
  readonly part: string
}

const PREFIX =
  /^(.*:|CC_Base_|mixamorig\d*_?|Bip\d+[ _]|ValveBiped[._]Bip\d+[._]|J_Bip_|m_avg_|DEF-|[fm]_avg_)/i

const plain = (name: string): Plain => {
  const bare = name.replace(PREFIX, '').replace(/^C_/, '')
  const found =
    /^(left|right)[_\-. ]?(.+)$/i.exec(bare) ??
    /^([lr])[_\-. ](.+)$/i.exec(bare) ??
    /^([LR])([A-Z].+)$/.exec(bare) ??
    // CMU's own skeletons: lfemur, rtibia.
    /^([lr])(femur|tibia|foot|toes|clavicle|humerus|radius|wrist|hand|fingers|thumb|shoulder|collar)$/.exec(
      bare,
    )
  const behind = /^(.+?)[_\-. ](left|right|l|r)$/i.exec(bare)
  const [side, part] = found ? [found[1]!, found[2]!] : behind ? [behind[2]!, behind[1]!] : ['', bare]
  return {
    side: side ? (/^l/i.test(side) ? 'left' : 'right') : undefined,
    part: part.toLowerCase().replace(/[^a-z0-9]/g, ''),
  }
}

/**
 * By what name a bone goes, the surest first; each joint is taken once, in this order. So `shoulder` is the upper arm
 * where a `collar` and no `arm` is there, and `foot` is the toes where there is an `ankle`.
 */
const SIDED: readonly (readonly [string, readonly string[]])[] = [
  ['UpperLeg', ['upperleg', 'upleg', 'thigh', 'femur', 'hip', 'legupper']],
  ['LowerLeg', ['lowerleg', 'lowleg', 'calf', 'shin', 'tibia', 'knee', 'leg', 'leglower']],
  ['Foot', ['ankle', 'foot']],
  ['Toes', ['toes', 'toebase', 'toe', 'toe0', 'ball', 'foot']],
  ['UpperArm', ['upperarm', 'uparm', 'humerus', 'arm', 'shoulder', 'armupper']],
  ['Shoulder', ['clavicle', 'collar', 'collarbone', 'shoulder', 'inshoulder']],
  ['LowerArm', ['lowerarm', 'lowarm', 'forearm', 'radius', 'elbow', 'armlower']],
  ['Hand', ['wrist', 'hand']],
  ...fingerNames(),
]

/** thumb1, handindex1, finger01 (3ds Max: finger 0 is the thumb, the second digit the joint). */
function fingerNames(): [string, string[]][] {
  const parts: [string, string, string, number][] = ['Thumb', 'Index', 'Middle', 'Ring', 'Little'].flatMap(
    (finger, number) =>
      (finger === 'Thumb'
        ? ['Metacarpal', 'Proximal', 'Distal']
        : ['Proximal', 'Intermediate', 'Distal']
      ).map((part, joint): [string, string, string, number] => [
        finger,
        part,
        `${number}${joint || ''}`,
        joint + 1,
      ]),
  )
  return parts.map(([finger, part, digits, joint]) => {
    const aliases =
      finger === 'Middle'
        ? ['middle', 'mid']
        : finger === 'Little'
          ? ['little', 'pinky']
          : [finger.toLowerCase()]
    const names = aliases.flatMap((alias) => [`${alias}${joint}`, `hand${alias}${joint}`])
    return [finger + part, [`${finger}${part}`.toLowerCase(), ...names, `finger${digits}`]]
  })
}

const REQUIRED = ['left', 'right'].flatMap((side) =>
  ['UpperLeg', 'LowerLeg', 'Foot', 'UpperArm', 'LowerArm', 'Hand'].map((part) => side + part),
)

const byName = (joints: readonly NamedJoint[]): Map<string, number> | undefined => {
  const names = joints.map(({ name }) => plain(name))
  const bones = new Map<string, number>()
  const taken = new Set<number>()
  const take = (bone: string, fits: (plain: Plain) => boolean) => {
    const joint = names.findIndex((name, i) => !taken.has(i) && fits(name))
    if (joint < 0) return false
    bones.set(bone, joint)
    taken.add(joint)
    return true
  }
  for (const side of ['left', 'right'] as const)
    for (const [bone, aliases] of SIDED)
      aliases.some((alias) => take(side + bone, (name) => name.side === side && name.part === alias))
  take('head', ({ side, part }) => !side && part === 'head')
  if (!bones.has('head') || !REQUIRED.every((bone) => bones.has(bone))) return undefined
  addTrunk(joints, names, bones)
  return bones.has('hips') && bones.has('spine') ? bones : undefined
}

/** The hips are where the legs and the back part, the top of the back where the arms do. */
const addTrunk = (joints: readonly NamedJoint[], names: readonly Plain[], bones: Map<string, number>) => {
  const up = (bone: string) => ancestors(joints, bones.get(bone)!)
  const meeting = (...of: string[]) => {
    const [first, ...others] = of.map(up)
    return first!.find((joint) => others.every((path) => path.includes(joint)))
  }
  const hips = meeting('leftUpperLeg', 'rightUpperLeg', 'head')
  const top = meeting('leftUpperArm', 'rightUpperArm', 'head')
  if (hips === undefined || top === undefined || hips === top) return
  bones.set('hips', hips)
  const path = up('head').reverse()
  const back = path.slice(path.indexOf(hips) + 1, path.indexOf(top) + 1)
  const called = (part: string) => back.find((joint) => names[joint]!.part === part)
  const own = ['spine', 'chest', 'upperchest'].map(called)
  if (own[0] !== undefined && own[2] !== undefined) {
    for (const [i, bone] of ['spine', 'chest', 'upperChest'].entries())
      if (own[i] !== undefined) bones.set(bone, own[i])
  } else {
    bones.set('spine', back[0]!)
    if (back.length > 2) bones.set('chest', back[Math.floor(back.length / 2)]!)
    if (back.length > 1) bones.set(back.length > 2 ? 'upperChest' : 'chest', back.at(-1)!)
  }
  const neck = path.slice(path.indexOf(top) + 1, -1)
  const first = neck.find((joint) => names[joint]!.part === 'neck') ?? neck.at(-1)
  if (first !== undefined) bones.set('neck', first)
}

/** A joint and all above it, upwards. */
const ancestors = (joints: readonly NamedJoint[], joint: number): number[] => {
  const path: number[] = []
  for (let above = joint; above >= 0; above = joints[above]!.parent) path.push(above)
  return path
}

/**
 * Without names: the hips are where the back and two chains of like length part, the chest where another two do. Which side is
 * left is told by the offsets: +X, as in all such files that face +Z.
 */
const byBranches = (joints: readonly NamedJoint[]): Map<string, number> | undefined => {
  const children = joints.map((_, i) => joints.flatMap(({ parent }, child) => (parent === i ? [child] : [])))
  const chain = (from: number): number[] => {
    const own = children[from]!
    const [next] = [...own].sort((a, b) => reach(b) - reach(a))
    return next === undefined ? [from] : [from, ...chain(next)]
  }
  const reach = (from: number): number =>
    length(joints[from]!.offset) + Math.max(0, ...children[from]!.map((child) => reach(child)))
  const size = (from: number): number => 1 + children[from]!.reduce((sum, child) => sum + size(child), 0)
  const forks = joints.flatMap((_, i) => (children[i]!.length >= 3 ? [i] : []))
  for (const hips of forks) {
    // Of three branches the back is the one that forks again: it has the most joints.
    const [back, ...others] = [...children[hips]!].sort((a, b) => size(b) - size(a))
    const legs = pair(others, joints, reach)
    const top = forks.find((fork) => ancestors(joints, fork).includes(back!))
    if (!legs || top === undefined) continue
    const path = ancestors(joints, top).reverse()
    const spine = path.slice(path.indexOf(hips) + 1)
    const arms = pair(children[top]!, joints, reach)
    const neck = arms && children[top]!.find((child) => !arms.includes(child))
    if (!arms || neck === undefined) continue
    const bones = new Map([['hips', hips]])
    const put = (names: readonly string[], found: readonly number[]) =>
      names.forEach((name, i) => found[i] !== undefined && PARENT.has(name) && bones.set(name, found[i]))
    put(spine.length > 2 ? ['spine', 'chest', 'upperChest'] : ['spine', 'chest'], [
      spine[0]!,
      ...(spine.length > 2 ? [spine[Math.floor(spine.length / 2)]!] : []),
      ...(spine.length > 1 ? [spine.at(-1)!] : []),
    ])
    const throat = chain(neck)
    put(throat.length > 1 ? ['neck', 'head'] : ['head'], throat)
    for (const [i, side] of (['left', 'right'] as const).entries()) {
      // A joint in the same place as its child is there for its channels only.
      const leg = chain(legs[i]!).filter((_, k, all) => {
        const next = all[k + 1]
        return next === undefined || length(joints[next]!.offset) > 1e-6
      })
      const arm = chain(arms[i]!)
      put(
        ['UpperLeg', 'LowerLeg', 'Foot', 'Toes'].map((part) => side + part),
        leg,
      )
      const parts = ['UpperArm', 'LowerArm', 'Hand']
      put(
        (arm.length > 3 ? ['Shoulder', ...parts] : parts).map((part) => side + part),
        arm,
      )
    }
    if (REQUIRED.every((bone) => bones.has(bone))) return bones
  }
  return undefined
}

/** Two branches of nearly the same reach on two sides, the left one (+X) first. */
const pair = (
  branches: readonly number[],
  joints: readonly NamedJoint[],
  reach: (joint: number) => number,
): [number, number] | undefined => {
  const side = (joint: number): number => {
    const [x] = joints[joint]!.offset
    const child = joints.findIndex(({ parent }) => parent === joint)
    return Math.abs(x) > 1e-6 || child < 0 ? x : side(child)
  }
  for (const a of branches)
    for (const b of branches)
      if (side(a) > 0 && side(b) < 0 && Math.abs(reach(a) - reach(b)) < 0.15 * Math.max(reach(a), reach(b)))
        return [a, b]
  return undefined
}
