/** @file What is said when a file of Danceba is not taken: what it is, and what to do. Both languages; fetched with its card. */

/** What a Fault about a checkpoint carries beside its reason, as far as it is said. */
export interface CheckpointDetail {
  readonly kind?: string
  readonly holds?: readonly string[]
  readonly global?: string
  readonly entry?: string
  readonly tensor?: string
  readonly compressed?: boolean
  readonly missing?: readonly string[] | number
  readonly differing?: readonly string[]
  readonly count?: number
  readonly found?: readonly string[]
  readonly joints?: number
  readonly model?: string
  /** Name of another file. */
  readonly other?: string
}

type Sentence = (detail: CheckpointDetail) => string

const names = (list: CheckpointDetail['missing'], between: string) =>
  typeof list === 'object' ? list.slice(0, 3).join(between) : ''

const en = {
  address: () =>
    'This is not the address of a file. It has to begin with https:// and end with the name of the file.',
  empty: () => 'This file is empty. Was the download cut off? Fetch it again.',
  text: () =>
    'This is a text, not a checkpoint. Danceba’s files are epoch_0.pt (1 GB) and epoch_500.pt (262 MB).',
  html: () =>
    'This is a web page, saved in place of the file. Open it in the browser, and use its download link.',
  'lfs-pointer': () =>
    'This is only a pointer of Git LFS. Fetch the file itself: “git lfs pull”, or the download button of the page.',
  rar: () => 'This is a RAR archive. Unpack it first, then drop the .pt files that are in it.',
  archive: ({ kind }) =>
    `This is an archive (${kind}). Unpack it first, then drop the .pt files that are in it.`,
  zip: ({ holds }) =>
    holds?.length
      ? `This is a zip archive. Unpack it first, then drop what is in it: ${holds.slice(0, 3).join(', ')}.`
      : 'This is a zip archive, and none that PyTorch wrote. If Danceba’s .pt files are in it, unpack them first.',
  torchscript: () =>
    'This is a compiled PyTorch program (TorchScript). What is needed is the checkpoint with the weights.',
  safetensors: () => 'This is a safetensors file. What is needed are the published .pt checkpoints.',
  'other-format': ({ kind }) =>
    `This is another kind of file (${kind}). What is needed are the published .pt checkpoints.`,
  unknown: () => 'This is no checkpoint of PyTorch, nor any other file known here.',
  incomplete: () => 'This checkpoint is not complete: its end is missing. Fetch it again.',
  damaged: ({ entry, tensor }) =>
    `This checkpoint is damaged${entry || tensor ? ` (${entry ?? tensor})` : ''}. Fetch it again.`,
  unsafe: ({ global, entry }) =>
    `This file asks for more than weights: ${global ?? entry}. Nothing of it was run. Use the published one.`,
  unsupported: ({ global, entry, compressed }) =>
    compressed
      ? 'This checkpoint was packed once more, with compression. Use the file as PyTorch wrote it.'
      : `This checkpoint holds something that cannot be read here${global || entry ? `: ${global ?? entry}` : ''}.`,
  'too-complex': () =>
    'This file is nested deeper, or has more parts, than any checkpoint of Danceba. It was not opened.',
  unreadable: () => 'The file was moved or changed while it was being read. Choose it again.',
  'no-tensors': () =>
    'This checkpoint holds no weights. What is needed are epoch_0.pt and epoch_500.pt of Danceba.',
  'other-model': ({ found }) =>
    `This is the checkpoint of another model (${names(found, ', ')}). What is needed are epoch_0.pt and epoch_500.pt of Danceba.`,
  joints: ({ joints }) =>
    `These weights draw ${joints} joints; the avatar needs 24. Use epoch_500.pt of sep_vqvae_root, as published.`,
  'no-root': () =>
    'These weights can pose but not travel: the root decoder is missing. Use epoch_500.pt of sep_vqvae_root, not of sep_vqvae.',
  differs: ({ model, missing, differing, count = 0 }) => {
    const which = [names(missing, ', '), names(differing, ', ')].filter(Boolean).join('; ')
    const part = model === 'vq' ? 'pose decoder' : 'generator'
    return `This is a ${part} like Danceba’s, but ${count === 1 ? 'a tensor does' : `${count} tensors do`} not fit: ${which}.`
  },
  'not-finite': ({ tensor }) =>
    `The weights are broken: ${tensor} has values that are no numbers. Use another epoch.`,
  twice: ({ other }) =>
    `This file and ${other} hold the same half of Danceba. Choose one of them, and the file of the other half.`,
} satisfies Record<string, Sentence>

const zh: Record<keyof typeof en, Sentence> = {
  address: () => '这不是文件的地址。地址应以 https:// 开头，以文件名结尾。',
  empty: () => '文件是空的。下载中断了吗？请重新下载。',
  text: () => '这是文本，不是检查点。Danceba 的文件是 epoch_0.pt（1 GB）和 epoch_500.pt（262 MB）。',
  html: () => '这是一个网页，被当成文件保存了。请在浏览器中打开它，并使用其中的下载链接。',
  'lfs-pointer': () => '这只是 Git LFS 的指针。请获取文件本身：运行“git lfs pull”，或使用页面上的下载按钮。',
  rar: () => '这是 RAR 压缩包。请先解压，再拖入其中的 .pt 文件。',
  archive: ({ kind }) => `这是压缩包（${kind}）。请先解压，再拖入其中的 .pt 文件。`,
  zip: ({ holds }) =>
    holds?.length
      ? `这是 zip 压缩包。请先解压，再拖入其中的文件：${holds.slice(0, 3).join('、')}。`
      : '这是 zip 压缩包，但不是 PyTorch 写的。如果其中有 Danceba 的 .pt 文件，请先解压。',
  torchscript: () => '这是编译过的 PyTorch 程序（TorchScript）。需要的是带权重的检查点。',
  safetensors: () => '这是 safetensors 文件。需要的是已发布的 .pt 检查点。',
  'other-format': ({ kind }) => `这是另一种文件（${kind}）。需要的是已发布的 .pt 检查点。`,
  unknown: () => '这不是 PyTorch 的检查点，也不是这里认识的任何文件。',
  incomplete: () => '检查点不完整：缺少结尾。请重新下载。',
  damaged: ({ entry, tensor }) =>
    `检查点已损坏${entry || tensor ? `（${entry ?? tensor}）` : ''}。请重新下载。`,
  unsafe: ({ global, entry }) =>
    `这个文件要求的不止是权重：${global ?? entry}。其中的内容没有运行。请使用已发布的文件。`,
  unsupported: ({ global, entry, compressed }) =>
    compressed
      ? '这个检查点被再次压缩过。请使用 PyTorch 原样写出的文件。'
      : `检查点中有这里读不了的内容${global || entry ? `：${global ?? entry}` : ''}。`,
  'too-complex': () => '这个文件的嵌套或数量超过了 Danceba 的任何检查点，没有打开。',
  unreadable: () => '读取时文件被移动或更改了。请重新选择。',
  'no-tensors': () => '检查点中没有权重。需要的是 Danceba 的 epoch_0.pt 和 epoch_500.pt。',
  'other-model': ({ found }) =>
    `这是另一个模型的检查点（${names(found, '、')}）。需要的是 Danceba 的 epoch_0.pt 和 epoch_500.pt。`,
  joints: ({ joints }) =>
    `这些权重有 ${joints} 个关节，而角色需要 24 个。请使用已发布的 sep_vqvae_root 的 epoch_500.pt。`,
  'no-root': () =>
    '这些权重只有姿势，没有位移：缺少根解码器。请使用 sep_vqvae_root 的 epoch_500.pt，而不是 sep_vqvae 的。',
  differs: ({ model, missing, differing, count = 0 }) => {
    const which = [names(missing, '、'), names(differing, '、')].filter(Boolean).join('；')
    return `这是与 Danceba 类似的${model === 'vq' ? '姿势解码器' : '生成器'}，但有 ${count} 个张量不符：${which}。`
  },
  'not-finite': ({ tensor }) => `权重已损坏：${tensor} 中有不是数的值。请使用另一个 epoch。`,
  twice: ({ other }) => `这个文件与 ${other} 是 Danceba 的同一半。请二选一，并加上另一半的文件。`,
}

/** By reason of the Fault (`detail.what` is `checkpoint`). */
export const checkpointWords = { en, zh }

/** What a Fault about a dance carries beside its reason, as far as it is said. */
export interface DanceDetail {
  readonly part?: string
  readonly value?: number
  readonly most?: number
  readonly leastS?: number
}

type DanceSentence = (detail: DanceDetail) => string

const enDance = {
  gone: ({ part }) => {
    if (part === 'music') return 'There is no music to dance to yet. Choose a song first.'
    if (part === 'network') return 'Danceba is not loaded. Choose it once more.'
    return part === 'poses'
      ? 'Danceba’s pose decoder is not on this device. Add its file, epoch_500.pt.'
      : 'Danceba’s generator is not on this device. Add its file, epoch_0.pt.'
  },
  'too-short': ({ leastS = 1.1 }) =>
    `This music is too short to dance to. It needs at least ${leastS.toFixed(1)} seconds.`,
  temperature: ({ value }) =>
    `The temperature cannot be ${value}. Use 0 for the reference’s own way, or more.`,
  'top-k': ({ value }) => `Top-k cannot be ${value}. Use a whole number, or 0 for all codes.`,
  seed: ({ value }) => `The seed cannot be ${value}. Use any number.`,
  start: ({ value, most = 511 }) =>
    `A dance cannot begin with code ${value}. Use a whole number from 0 to ${most}.`,
  'sample-shift': ({ value, most = 28 }) =>
    `The sample shift cannot be ${value}. Use a whole number from 1 to ${most}.`,
  length: ({ value }) => `A dance cannot last ${value} seconds. Use a length above 0.`,
} satisfies Record<string, DanceSentence>

const zhDance: Record<keyof typeof enDance, DanceSentence> = {
  gone: ({ part }) => {
    if (part === 'music') return '还没有可以跳舞的音乐。请先选择一首歌。'
    if (part === 'network') return 'Danceba 尚未加载。请再选择一次。'
    return part === 'poses'
      ? '此设备上没有 Danceba 的姿势解码器。请添加文件 epoch_500.pt。'
      : '此设备上没有 Danceba 的生成器。请添加文件 epoch_0.pt。'
  },
  'too-short': ({ leastS = 1.1 }) => `音乐太短，无法编舞。至少需要 ${leastS.toFixed(1)} 秒。`,
  temperature: ({ value }) => `温度不能是 ${value}。请用 0（参考实现的方式）或更大的数。`,
  'top-k': ({ value }) => `Top-k 不能是 ${value}。请用整数，0 表示全部代码。`,
  seed: ({ value }) => `种子不能是 ${value}。请用任意数字。`,
  start: ({ value, most = 511 }) => `舞蹈不能以代码 ${value} 开始。请用 0 到 ${most} 的整数。`,
  'sample-shift': ({ value, most = 28 }) => `采样移位不能是 ${value}。请用 1 到 ${most} 的整数。`,
  length: ({ value }) => `舞蹈时长不能是 ${value} 秒。请用大于 0 的时长。`,
}

/** By reason of the Fault (`detail.what` is `danceba`, `music` or `order`). */
export const danceWords = { en: enDance, zh: zhDance }
