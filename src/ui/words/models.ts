/** @file What the panel of models says, in both languages: fetched with the panel, as it is long. */
import type { Task } from '../../shared/contracts'
import type { Availability } from '../../models/device'
import type { Forward, Reason } from '../../models/placement'
import type { Refusal } from '../../models/inspect'
import { sizeOfBytes as gb } from './size'
import { shelfEn, shelfZh } from './shelf'
import { talkEn, talkZh } from './talk'

/** It lets every page read. */
const HUB = 'huggingface.co'

const en = {
  size: gb,
  about: (size: string) => `about ${size}`,
  intro: 'Models run on this device. Nothing is fetched until you ask for it, and nothing you say leaves it.',
  device: 'This device',
  deviceGpu: (name: string, half: boolean) => `Graphics: ${name}${half ? '' : ', without 16-bit numbers'}`,
  deviceSoftwareGpu: 'Graphics: drawn by the processor',
  deviceNoGpu: 'Graphics: none that pages may compute on',
  deviceCores: (cores: number, isolated: boolean) =>
    `Processor: ${cores} ${cores === 1 ? 'core' : 'cores'}${isolated ? '' : ', of which models get one'}`,
  deviceMemory: (gb: number) => `Memory: ${gb} GB`,
  deviceMemoryUnknown: 'Memory: the browser does not say',
  deviceStorage: (used: string, free: string) => `Storage: ${used} in use, ${free} free`,
  deviceNoStorage: 'Storage: this browser lets the page keep no files',
  copy: 'Copy for a bug report',
  copied: 'Copied',
  memory: 'Memory of this device',
  memoryAuto: 'As the browser says',
  force: 'Run on',
  forces: { auto: 'Automatic', cpu: 'Processor', gpu: 'Graphics card' },
  tasks: {
    chat: 'Talk',
    see: 'See',
    hear: 'Hear',
    speak: 'Speak',
    translate: 'Translate',
    dance: 'Dance',
    turn: 'Take turns',
  } satisfies Record<Task, string>,
  best: 'Best for this device',
  chosen: 'In use',
  choose: 'Use',
  fetch: (size: string) => `Fetch ${size}`,
  resume: (size: string) => `Go on (${size} to go)`,
  pause: 'Pause',
  removeSure: (name: string) => `Remove ${name} from this device?`,
  yes: 'Remove',
  no: 'Keep it',
  here: (size: string) => `Here, works offline (${size})`,
  shipped: 'Ships with the app, works offline',
  progress: (done: string, of: string) => `${done} of ${of}`,
  speed: (size: string) => `${size}/s`,
  left: (seconds: number) =>
    seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.round(seconds / 60)} min left`,
  runsOn: {
    webgpu: (memory: string) => `Runs on the graphics card, with ${memory} of memory`,
    wasm: (memory: string) => `Runs on the processor, with ${memory} of memory`,
    browser: 'Comes with this browser',
  },
  speedOf: (tokens: number) => `about ${tokens < 10 ? tokens.toFixed(1) : Math.round(tokens)} words a second`,
  runsNot: 'Does not run here',
  languages: (count: number) => (count === 1 ? '1 language' : `${count} languages`),
  parameters: (millions: number) =>
    millions >= 1000 ? `${(millions / 1000).toFixed(1)} billion` : `${millions} million`,
  nonCommercial: 'not for commercial use',
  other: 'Another model of the hub',
  otherHint: 'The name of any repository with ONNX files: owner/name.',
  look: 'Look at it',
  looking: 'Looking …',
  added: (name: string) => `${name} is on the list.`,
  reason: (reason: Reason): string => {
    switch (reason.why) {
      case 'forced':
        return reason.on === 'cpu' ? 'Set to run on the processor only.' : 'Set to run on the graphics card.'
      case 'no-gpu':
        return {
          'no-api': 'This browser has no WebGPU.',
          'no-adapter': 'No graphics card was found that pages may compute on.',
          failed: 'The graphics card did not answer.',
        }[reason.how]
      case 'software-gpu':
        return 'Graphics are computed by the processor here, which is slower than our own code for it.'
      case 'rule':
        if ('dtype' in reason)
          return reason.rule === 'no-bnb4'
            ? 'Weights of this kind (bitsandbytes) are not run.'
            : '8-bit weights are slow or wrong on graphics cards.'
        return reason.rule === '32-gb'
          ? `So large a model gets the graphics card from 32 GB of memory on; there are ${reason.has}.`
          : `So large a model gets the graphics card from 16 GB of memory on; there are ${reason.has}.`
      case 'feature-missing':
        return `The graphics card lacks ${reason.feature === 'shader-f16' ? '16-bit numbers' : reason.feature}.`
      case 'known-bad':
        return {
          garbage: `Known to give garbage in ${reason.dtype} (${reason.source}).`,
          distorted: `Known to be distorted in ${reason.dtype} (${reason.source}).`,
          slow: `Known to be slow in ${reason.dtype} (${reason.source}).`,
          fails: `Known to fail in ${reason.dtype} (${reason.source}).`,
        }[reason.problem]
      case 'failed-test':
        return `Tried here, and failed on the ${reason.on === 'webgpu' ? 'graphics card' : 'processor'}.`
      case 'files-missing':
        return `Its repository has no files in ${reason.dtype}.`
      case 'no-room-on-gpu':
        return `${gb(reason.needs)} would not fit beside the stage (${gb(reason.free)} to spare).`
      case 'no-room-in-memory':
        return `${gb(reason.needs)} would not fit into memory (${gb(reason.free)} to spare).`
      case 'others-loaded':
        return `${gb(reason.needs)} would fit if other models made room.`
      case 'heap-full':
        return `It needs ${gb(reason.needs)}; on the processor a page gets ${gb(reason.limit)}.`
      case 'file-too-large':
        return `One of its files has ${gb(reason.bytes)}; browsers read up to ${gb(reason.limit)}.`
      case 'buffer-too-small':
        return `It needs pieces of ${gb(reason.needs)}; the graphics card takes ${gb(reason.limit)}.`
      case 'no-room-on-disk':
        return `It needs ${gb(reason.needs)} of storage; ${gb(reason.free)} are free.`
      case 'memory-unknown':
        return `The browser does not say how much memory there is: ${reason.assumed} GB are assumed.`
      case 'one-thread':
        return 'It gets one core only, as the page is not isolated.'
      case 'faster-on-cpu':
        return `The processor was faster here: ${Math.round(reason.cpu)} words a second, not ${Math.round(reason.gpu)}.`
      case 'bring-files':
        return `You bring its files: ${reason.files.map(({ name }) => name).join(', ')}.`
      case 'not-in-browser':
        return 'This browser does not have it.'
      case 'browser-fetches':
        return 'The browser fetches it itself, once.'
    }
  },
  forward: (forward: Forward): string => {
    switch (forward.do) {
      case 'unload-others':
        return 'Remove another model, or use this one alone.'
      case 'free-disk':
        return `Free ${gb(forward.bytes)} of storage.`
      case 'say-memory':
        return 'If this device has more memory, say so under “This device”.'
      case 'stop-forcing':
        return 'Set “Run on” to automatic.'
      case 'use-another-browser':
        return 'Chrome or Edge may run it.'
      case 'fetch-again':
        return 'Remove its files and fetch them again, or take another one.'
      case 'take-another':
        return 'Take a smaller one.'
    }
  },
  refusal: (refusal: Refusal): string => {
    switch (refusal.why) {
      case 'config-missing':
        return 'That repository has no config.json, so nobody knows what it is.'
      case 'not-json':
        return refusal.html
          ? `${refusal.path} is a web page. Is the address that of a hub?`
          : `${refusal.path} cannot be read.`
      case 'no-graphs':
        return refusal.instead
          ? `That repository has ${refusal.instead} weights only. Look for one whose name ends in ONNX.`
          : 'That repository has no ONNX files. Look for one whose name ends in ONNX.'
      case 'class-unknown':
        return `Models of the kind “${refusal.type}” are not known to the library yet.`
      case 'no-use':
        return `Models of the kind “${refusal.type}” have no part on this stage.`
      case 'files-missing':
        return `That repository is incomplete: it lacks ${refusal.paths.slice(0, 3).join(', ')}.`
      case 'only-bnb4':
        return 'That repository has bitsandbytes weights only, which are not run here.'
    }
  },
  builtIn: {
    absent: 'no',
    unavailable: 'not on this device',
    downloadable: 'can be fetched by the browser',
    downloading: 'being fetched by the browser',
    available: 'yes',
  } satisfies Record<Availability, string>,
  deviceBuiltIn: (state: string) => `The browser’s own language model: ${state}`,
  talk: talkEn,
  shelf: shelfEn,
  faults: {
    noModel: 'No model to talk with has been chosen yet. Fetch one: the best for this device is marked.',
    modelNotHere: (name: string) => `${name} is not on this device yet. Fetch it, or choose another one.`,
    modelNot: 'That model does not run on this device. Its card says why.',
    wrongTask: 'That model is made for something else than talking. Choose another one.',
    gated:
      'The makers of that model ask for an agreement. Accept it on its page at huggingface.co, then give your token under “Where models come from”.',
    forbidden: 'The hub does not give that to this token. Check it under “Where models come from”.',
    forbiddenWithout:
      'The hub gives that to some only. If you are one of them, give your token under “Where models come from”.',
    noRepo:
      'The hub has no such model, or shows it to some only. Check the name, or give your token under “Where models come from”.',
    policy: (host: string) =>
      `This site may not fetch from ${host}: whoever runs it has to allow that. Take another address under “Where models come from”.`,
    policyRedirect: (host: string) =>
      `${host} sends one on to a place that this site may not fetch from: whoever runs it has to allow that. Take another address under “Where models come from”.`,
    unreachable: (host: string) =>
      `${host} cannot be reached${host === HUB ? '' : ', or lets no page read from it'}. Check the network, and the address under “Where models come from”; what has come so far is kept.`,
    runtime:
      'What runs models could not be fetched: there seems to be no network. Once fetched, it works offline.',
    notFound:
      'The hub has no such model or file. Check the name, and the address under “Where models come from”.',
    incomplete: (missing: string) => `Its repository is incomplete: it lacks ${missing}. Choose another one.`,
    refused: 'The hub refused that. Try again later, or from another address.',
    noRoomFor: (needed: number, free: number) =>
      `That needs ${gb(needed)} more, and ${gb(free)} are free. Remove a model that you no longer need, and try again.`,
    noRoom:
      'The room for files is used up. Remove a model that you no longer need, then go on: what has come so far is kept.',
    heldElsewhere: 'Another tab of this app has that file open. Close that tab and try again.',
    gone: 'Files of that model are no longer here; the browser may have cleared them. Fetch it again.',
    corrupt: 'What came is not what the hub lists, twice in a row. Try again later, or from another address.',
    hubBusy:
      'The hub turns everybody away just now. Try again in a few minutes; what has come so far is kept.',
    notJson:
      'A web page came where a file of the model should be. Is the address that of a hub, and the network open?',
    modelBroke:
      'That model did not start here. Remove its files and fetch them again, or choose another one.',
    modelBrokeOnGpu:
      'That model did not start here. Another one may, or the processor: Models › This device › Run on.',
    noRepoName: 'A repository has a name like owner/name.',
    notAPack: 'That is no file of models saved here.',
  },
}

export type ModelWords = typeof en

const zh: ModelWords = {
  size: gb,
  about: (size) => `约 ${size}`,
  intro: '模型在本设备上运行。未经你要求不会下载任何东西，你说的话也不会离开本设备。',
  device: '本设备',
  deviceGpu: (name, half) => `显卡：${name}${half ? '' : '（不支持 16 位数）'}`,
  deviceSoftwareGpu: '显卡：由处理器绘制',
  deviceNoGpu: '显卡：没有网页可用于计算的',
  deviceCores: (cores, isolated) => `处理器：${cores} 核${isolated ? '' : '，模型只能用一核'}`,
  deviceMemory: (size) => `内存：${size} GB`,
  deviceMemoryUnknown: '内存：浏览器未说明',
  deviceStorage: (used, free) => `存储：已用 ${used}，可用 ${free}`,
  deviceNoStorage: '存储：此浏览器不允许网页保存文件',
  copy: '复制，用于报告问题',
  copied: '已复制',
  memory: '本设备的内存',
  memoryAuto: '以浏览器所说为准',
  force: '运行于',
  forces: { auto: '自动', cpu: '处理器', gpu: '显卡' },
  tasks: {
    chat: '对话',
    see: '看',
    hear: '听',
    speak: '说',
    translate: '翻译',
    dance: '跳舞',
    turn: '轮流说话',
  },
  best: '最适合本设备',
  chosen: '使用中',
  choose: '使用',
  fetch: (size) => `下载 ${size}`,
  resume: (size) => `继续（还剩 ${size}）`,
  pause: '暂停',
  removeSure: (name) => `从本设备移除 ${name}？`,
  yes: '移除',
  no: '保留',
  here: (size) => `已在本设备，可离线使用（${size}）`,
  shipped: '随应用提供，可离线使用',
  progress: (done, of) => `${done} / ${of}`,
  speed: (size) => `${size}/秒`,
  left: (seconds) =>
    seconds < 90 ? `还需 ${Math.ceil(seconds)} 秒` : `还需 ${Math.round(seconds / 60)} 分钟`,
  runsOn: {
    webgpu: (memory) => `在显卡上运行，占用内存 ${memory}`,
    wasm: (memory) => `在处理器上运行，占用内存 ${memory}`,
    browser: '由此浏览器提供',
  },
  speedOf: (tokens) => `约每秒 ${tokens < 10 ? tokens.toFixed(1) : Math.round(tokens)} 个词`,
  runsNot: '无法在此运行',
  languages: (count) => `${count} 种语言`,
  parameters: (millions) => `${Number((millions / 100).toFixed(1))} 亿`,
  nonCommercial: '不得用于商业',
  other: '模型库中的其他模型',
  otherHint: '任何含 ONNX 文件的仓库名称：owner/name。',
  look: '查看',
  looking: '查看中……',
  added: (name) => `${name} 已加入列表。`,
  reason: (reason) => {
    switch (reason.why) {
      case 'forced':
        return reason.on === 'cpu' ? '已设为仅在处理器上运行。' : '已设为在显卡上运行。'
      case 'no-gpu':
        return {
          'no-api': '此浏览器没有 WebGPU。',
          'no-adapter': '没有找到网页可用于计算的显卡。',
          failed: '显卡没有回应。',
        }[reason.how]
      case 'software-gpu':
        return '此处图形由处理器计算，比我们为它写的代码慢。'
      case 'rule':
        if ('dtype' in reason)
          return reason.rule === 'no-bnb4'
            ? '不运行此类权重（bitsandbytes）。'
            : '8 位权重在显卡上慢或不正确。'
        return reason.rule === '32-gb'
          ? `这么大的模型要有 32 GB 内存才用显卡；此处有 ${reason.has}。`
          : `这么大的模型要有 16 GB 内存才用显卡；此处有 ${reason.has}。`
      case 'feature-missing':
        return `显卡缺少${reason.feature === 'shader-f16' ? ' 16 位数' : ` ${reason.feature}`}。`
      case 'known-bad':
        return {
          garbage: `已知 ${reason.dtype} 会输出乱码（${reason.source}）。`,
          distorted: `已知 ${reason.dtype} 会失真（${reason.source}）。`,
          slow: `已知 ${reason.dtype} 较慢（${reason.source}）。`,
          fails: `已知 ${reason.dtype} 会失败（${reason.source}）。`,
        }[reason.problem]
      case 'failed-test':
        return `曾在此试过，在${reason.on === 'webgpu' ? '显卡' : '处理器'}上失败。`
      case 'files-missing':
        return `它的仓库没有 ${reason.dtype} 的文件。`
      case 'no-room-on-gpu':
        return `${gb(reason.needs)} 与舞台一起放不下（可用 ${gb(reason.free)}）。`
      case 'no-room-in-memory':
        return `${gb(reason.needs)} 内存放不下（可用 ${gb(reason.free)}）。`
      case 'others-loaded':
        return `其他模型让出空间后，${gb(reason.needs)} 可以放下。`
      case 'heap-full':
        return `需要 ${gb(reason.needs)}；在处理器上网页最多可用 ${gb(reason.limit)}。`
      case 'file-too-large':
        return `其中一个文件有 ${gb(reason.bytes)}；浏览器最多读取 ${gb(reason.limit)}。`
      case 'buffer-too-small':
        return `需要 ${gb(reason.needs)} 的整块；显卡只接受 ${gb(reason.limit)}。`
      case 'no-room-on-disk':
        return `需要 ${gb(reason.needs)} 存储；可用 ${gb(reason.free)}。`
      case 'memory-unknown':
        return `浏览器未说明内存大小：按 ${reason.assumed} GB 计算。`
      case 'one-thread':
        return '页面未隔离，只能用一核。'
      case 'faster-on-cpu':
        return `此处处理器更快：每秒 ${Math.round(reason.cpu)} 个词，而不是 ${Math.round(reason.gpu)}。`
      case 'bring-files':
        return `需要你自带文件：${reason.files.map(({ name }) => name).join('、')}。`
      case 'not-in-browser':
        return '此浏览器没有。'
      case 'browser-fetches':
        return '浏览器会自行下载一次。'
    }
  },
  forward: (forward) => {
    switch (forward.do) {
      case 'unload-others':
        return '移除另一个模型，或单独使用它。'
      case 'free-disk':
        return `请腾出 ${gb(forward.bytes)} 存储。`
      case 'say-memory':
        return '如果本设备的内存更多，请在“本设备”中注明。'
      case 'stop-forcing':
        return '把“运行于”设为自动。'
      case 'use-another-browser':
        return 'Chrome 或 Edge 也许可以运行。'
      case 'fetch-again':
        return '请移除它的文件后重新下载，或选择另一个。'
      case 'take-another':
        return '请选择小一些的。'
    }
  },
  refusal: (refusal) => {
    switch (refusal.why) {
      case 'config-missing':
        return '该仓库没有 config.json，无法得知它是什么。'
      case 'not-json':
        return refusal.html ? `${refusal.path} 是一个网页。地址是模型库的吗？` : `${refusal.path} 无法读取。`
      case 'no-graphs':
        return refusal.instead
          ? `该仓库只有 ${refusal.instead} 权重。请找名称以 ONNX 结尾的。`
          : '该仓库没有 ONNX 文件。请找名称以 ONNX 结尾的。'
      case 'class-unknown':
        return `库还不认识“${refusal.type}”类模型。`
      case 'no-use':
        return `“${refusal.type}”类模型在这个舞台上没有用处。`
      case 'files-missing':
        return `该仓库不完整：缺少 ${refusal.paths.slice(0, 3).join('、')}。`
      case 'only-bnb4':
        return '该仓库只有 bitsandbytes 权重，这里不运行。'
    }
  },
  builtIn: {
    absent: '没有',
    unavailable: '本设备不支持',
    downloadable: '浏览器可以下载',
    downloading: '浏览器正在下载',
    available: '有',
  },
  deviceBuiltIn: (state) => `浏览器自带的语言模型：${state}`,
  talk: talkZh,
  shelf: shelfZh,
  faults: {
    noModel: '还没有选择对话模型。请先下载一个：最适合本设备的已标出。',
    modelNotHere: (name) => `${name} 还不在本设备上。请下载它，或选择另一个。`,
    modelNot: '这个模型无法在本设备上运行。原因见它的卡片。',
    wrongTask: '这个模型不是用来对话的。请选择另一个。',
    gated: '该模型的作者要求先同意条款。请在 huggingface.co 的页面上接受，然后在“模型来源”中填写令牌。',
    forbidden: '该令牌无权获取这个模型。请在“模型来源”中检查。',
    forbiddenWithout: '模型库只向部分人提供它。如果你有权限，请在“模型来源”中填写令牌。',
    noRepo: '没有这个模型，或只对部分人可见。请检查名称，或在“模型来源”中填写令牌。',
    policy: (host) => `本站不允许从 ${host} 下载，需由网站的运营者开放。请在“模型来源”中换一个地址。`,
    policyRedirect: (host) =>
      `${host} 转到了本站不允许下载的地址，需由网站的运营者开放。请在“模型来源”中换一个地址。`,
    unreachable: (host) =>
      `无法连接 ${host}${host === HUB ? '' : '，或它不允许网页读取'}。请检查网络和“模型来源”中的地址；已下载的部分会保留。`,
    runtime: '无法下载运行模型所需的部分：似乎没有网络。下载一次后即可离线使用。',
    notFound: '没有这个模型或文件。请检查名称，以及“模型来源”中的地址。',
    incomplete: (missing) => `该仓库不完整：缺少 ${missing}。请选择另一个。`,
    refused: '服务器拒绝了请求。请稍后再试，或换一个地址。',
    noRoomFor: (needed, free) => `还需要 ${gb(needed)}，可用 ${gb(free)}。请移除不再需要的模型，然后再试。`,
    noRoom: '存储空间已用完。请移除不再需要的模型，然后继续：已下载的部分会保留。',
    heldElsewhere: '本应用的另一个标签页正在使用该文件。请关闭它，然后再试。',
    gone: '该模型的文件已不在本设备上，可能被浏览器清除。请重新下载。',
    corrupt: '收到的内容两次都与清单不符。请稍后再试，或换一个地址。',
    hubBusy: '服务器现在拒绝请求。请几分钟后再试；已下载的部分会保留。',
    notJson: '本应是模型文件的地方收到了网页。地址正确吗？网络畅通吗？',
    modelBroke: '这个模型没能在这里启动。请移除它的文件后重新下载，或选择另一个。',
    modelBrokeOnGpu: '这个模型没能在这里启动。换一个模型，或在“模型 › 本设备 › 运行于”中选择处理器。',
    noRepoName: '仓库名称的形式是 owner/name。',
    notAPack: '这不是在此保存的模型文件。',
  },
}

export const modelWords = { en, zh }
