/** @file The models as data: what each is for, where it runs, which files it needs. Adding a model is adding an entry. */
import type { Task } from '../shared/contracts'
import { CHAT } from './catalogue/chat'
import { DANCE } from './catalogue/dance'
import { HEAR } from './catalogue/hear'
import { SEE } from './catalogue/see'
import { SPEAK } from './catalogue/speak'
import { TRANSLATE } from './catalogue/translate'
import { TURN } from './catalogue/turn'
import type { Model } from './model'

// What is painted first takes it from its own file: all the others would come with it.
export { FLITE } from './catalogue/flite'

/** All of them; those of a task in the order in which they are shown. */
export const MODELS: readonly Model[] = [...CHAT, ...SEE, ...HEAR, ...SPEAK, ...TRANSLATE, ...TURN, ...DANCE]

export const modelsFor = (task: Task): readonly Model[] => MODELS.filter(({ tasks }) => tasks[task])
