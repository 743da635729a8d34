/** @file What is said of Danceba, the guest choreographer, in both languages: fetched with its card, as it is long. */
import type { ChosenPrecision } from '../../dance/danceba.svelte'
import type { DancebaPart, DancebaPrecision } from '../../shared/contracts'
import { sizeOfBytes } from './size'

/** 1:44, or half a minute. */
const minutes = (seconds: number) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`

const en = {
  size: sizeOfBytes,
  choreographer: 'Choreographer',
  names: { house: 'House', danceba: 'Danceba' },
  hints: {
    house: 'Some 150 moves written for this app. It dances to anything, at once.',
    danceba: 'A research model that learned from street dancers. It takes its time to compose.',
  },
  liveHouse: 'Danceba needs to hear the whole piece first. To live music the house dances.',
  intro:
    'Danceba (ICCV 2025) watched hours of street dance and composes moves of its own, eight times a second, to any recorded music. It runs on this device, from weights that you bring.',
  facts: (fetch: string, kept: string) => `${fetch} to fetch · ${kept} kept · non-commercial use only`,
  bring: {
    title: 'Bring its weights',
    steps: {
      fetch: ['Fetch the archives of', 'from Hugging Face.'],
      unpack: 'Unpack them. You need two files:',
      drop: 'Drop both here, in any order.',
    },
    in: (folder: string) => `in ${folder}/ckpt`,
    pick: 'Choose the files …',
    pickHint: 'Or drop them anywhere on the page. They are read here and go nowhere.',
    pickOther: (file: string) => `Choose ${file} …`,
  },
  address: {
    title: 'From an address',
    label: 'Addresses of the files',
    hint: 'One or both files, if somebody serves them unpacked, at an address that lets pages read it.',
    fetch: 'Fetch',
  },
  fetching: (name: string) => `Fetching ${name}`,
  speed: (size: string) => `${size}/s`,
  again: {
    offline: (s: number) => `No network; again in ${Math.ceil(s)} s`,
    busy: (s: number) => `The server is busy; again in ${Math.ceil(s)} s`,
    broken: (s: number) => `Cut off; again in ${Math.ceil(s)} s`,
  },
  precision: {
    title: 'Keep them as',
    names: { fp32: 'Exact', fp16: 'Half', int8: 'Small' } satisfies Record<ChosenPrecision, string>,
    technical: {
      fp32: '32-bit',
      fp16: '16-bit',
      int8: '8-bit, for the processor',
      q8: '8-bit, for the graphics card',
    } satisfies Record<DancebaPrecision, string>,
    hints: {
      fp32: (size: string) =>
        `About ${size}. The numbers as they were published: the same dance as the original.`,
      fp16: (size: string) =>
        `About ${size}. Rounded to 16 bits: hardly a step differs. Best on a graphics card.`,
      int8: (size: string) => `About ${size}. Rounded to 8 bits: the quickest, and some steps differ.`,
    } satisfies Record<ChosenPrecision, (size: string) => string>,
    again: (kept: string) =>
      `Here they are ${kept}. Another precision is made from the original files: bring them once more.`,
  },
  room: (needed: string, free: string) =>
    `This needs about ${needed}, and the browser has ${free} left for this page. Free some room, or choose a smaller precision.`,
  parts: { generator: 'Choreography', poses: 'Poses' } satisfies Record<DancebaPart, string>,
  partHints: {
    generator: 'chooses the steps',
    poses: 'draws the body',
  } satisfies Record<DancebaPart, string>,
  files: { generator: 'epoch_0.pt', poses: 'epoch_500.pt' } satisfies Record<DancebaPart, string>,
  folders: { generator: 'cc_motion_gpt', poses: 'sep_vqvae_root' } satisfies Record<DancebaPart, string>,
  missing: (file: string, folder: string) => `Still wanted: ${file} of ${folder}`,
  kept: (size: string) => `Here, ${size}`,
  looking: 'Looking at what is in the files …',
  elsewhere: 'Another tab is writing these files. This goes on when it is done.',
  converting: (name: string) => `Converting ${name}`,
  progress: (done: string, of: string) => `${done} of ${of}`,
  cancel: 'Cancel',
  close: 'Close',
  ready: (size: string) => `Ready, works offline (${size})`,
  readyHint: 'Choose a song above, or drop one: Danceba dances to it.',
  table: {
    title: 'What is here',
    part: 'Part',
    parameters: 'Parameters',
    tensors: 'Tensors',
    epoch: 'Epoch',
    file: 'In the file',
    keptAs: 'Kept as',
    keptSize: 'Here',
    sizes: 'Network',
    unused: 'Left out',
    unusedHint: 'Entries of the checkpoint that a dance does not need.',
    millions: (count: number) =>
      count >= 1e6 ? `${(count / 1e6).toFixed(1)} million` : count.toLocaleString('en'),
    count: (count: number) => count.toLocaleString('en'),
    size: (name: string) => SIZES_EN[name] ?? name,
  },
  remove: (size: string) => `Remove (frees ${size})`,
  removeSure: (size: string) => `Remove Danceba’s weights from this device? That frees ${size}.`,
  yes: 'Remove',
  no: 'Keep',
  working: {
    loading: 'Danceba is getting ready',
    hearing: 'Danceba is listening to the music',
    composing: (done: number, of: number) => `Composing: ${done} of ${of} steps`,
    waiting: 'The music waits for the dance, and goes on by itself.',
    early: 'Begins by itself when it need not wait; press play to begin now.',
    stopped: (at: string) => `Stopped at ${at}. The dance ends there.`,
    again: 'Compose it again',
    stop: 'Stop composing',
    rate: (perSecond: number) => `${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)} steps/s`,
    factor: (factor: number) => `${factor >= 10 ? Math.round(factor) : factor.toFixed(2)} × real time`,
    left: (seconds: number) => `${minutes(seconds)} left`,
    heard: (beats: number) => (beats ? `${beats} beats heard` : 'no beats heard'),
    on: { webgpu: 'on the graphics card', wasm: 'on the processor' },
  },
  controls: {
    title: 'How it composes',
    changed: 'What is danced stays until the new dance is there.',
    reset: 'As published',
    mode: {
      label: 'Method',
      names: { exact: 'Exact', fast: 'Fast' },
      hints: {
        exact: 'Every step looks at its window anew, as in the paper.',
        fast: 'Approximate: goes on from what was computed before. Quicker, and not quite the same dance.',
      },
    },
    draws: {
      label: 'Choice of steps',
      names: { greedy: 'Likeliest', draws: 'Drawn' },
      hints: {
        greedy: 'Always the likeliest step, as published: the same music gives the same dance.',
        draws: 'Drawn by chance from the likely ones: another number, another dance.',
      },
    },
    temperature: {
      label: 'Temperature',
      hint: 'How daring: below 1 the likely steps come more often, above 1 the unlikely ones.',
    },
    topK: { label: 'Among the', hint: 'Draws only among so many of the likeliest steps of 512.', off: 'all' },
    seed: { label: 'Dance number', hint: 'The same number brings the same dance back.' },
    another: 'Another dance',
    start: {
      label: 'First step',
      hint: (most: number) =>
        `The codes (0 to ${most}) of the upper and the lower body that everything begins with. Published: 423 and 12.`,
      up: 'Upper body',
      down: 'Lower body',
      random: 'Any',
    },
    sampleShift: {
      label: 'Window after a cut',
      hint: 'When its memory of 28 steps is full, so many are kept. 28 moves on by one each step, as published; fewer is quicker at first. For the fast method 28 means 14.',
    },
    lengthS: {
      label: 'Length',
      hint: 'Composes no more than so many seconds of the music.',
      off: 'all of it',
      seconds: (s: number) => `${s} s`,
    },
    backend: {
      label: 'Runs on',
      names: { auto: 'Automatic', webgpu: 'Graphics', wasm: 'Processor' },
      hint: (now: string) => `With this device and these files, automatic means ${now}.`,
    },
    onset: {
      label: 'Hearing',
      names: { reference: 'Published', corrected: 'Corrected' },
      hints: {
        reference: 'Hears as the original does, which misses the beats of dense music.',
        corrected: 'A deviation: hears the beats also there. The model never learned with them.',
      },
    },
    advanced: 'More',
  },
  about: {
    title: 'About Danceba',
    text: [
      'By Congyi Fan, Jian Guan, Xuanjia Zhao, Dongli Xu, Youtian Lin, Tong Ye, Pengming Feng and Haiwei Pan: “Align Your Rhythm: Generating Highly Aligned Dance Poses with Gating-Enhanced Rhythm-Aware Feature Representation”, ICCV 2025.',
      'Checked here against the original’s own numbers, with weights made by a rule: what it hears, every layer, the steps it chooses and the poses. The published weights themselves could not be tried.',
      'NTU S-Lab License 1.0: use and redistribution for non-commercial purposes only. The dancers it learned from are those of AIST++ (CC BY 4.0).',
    ],
    paper: 'The paper',
    source: 'Its files',
  },
  faults: {
    for: (file: string) => `${file}: `,
    gone: 'Danceba’s weights are not here any more. Bring the two files again.',
    unfit:
      'These weights do not go with what Danceba hears here. Bring the published ones. The house dances.',
    instead: ' The house dances.',
    noRoom: (needed: string, free: string) =>
      `There is no room: ${needed} are needed and ${free} are free. Nothing was changed. Free some room, or choose a smaller precision.`,
    noRoomAtAll: 'The disk is full. Nothing was changed. Free some room and try again.',
    noFolder:
      'This browser lets the page keep no files, as in a private window. Danceba needs a place for its weights.',
    memory:
      'There is not enough memory for Danceba at this precision. Close other tabs, or bring the files again as “Small”. The house dances.',
    gpu: 'The graphics card gave up over Danceba. Let it run on the processor. The house dances.',
    noGpu:
      'There is no graphics card here that pages may compute on. Let Danceba run on the processor. The house dances.',
    broke: 'Danceba broke down over this piece. Play it again to try once more. The house dances.',
    policy:
      'This site may not fetch from there; whoever runs it would have to allow it. Fetch the file with the browser, and drop it here.',
    gated: 'That address wants somebody who is signed in. Fetch the file with the browser, and drop it here.',
    notFound: 'There is no file at that address. Look at it again.',
    refused:
      'The server did not give the file out whole. Try again later, or fetch it with the browser and drop it here.',
    unreachable:
      'That server could not be reached, or lets no page read its files. Fetch the file with the browser, and drop it here.',
    broken: 'Something broke while the files were read. Nothing was changed. Try again.',
    toProcessor: 'The graphics card could not carry Danceba: it goes on, on the processor.',
  },
}

/** As the weights' keeper names them. */
const SIZES_EN: Readonly<Record<string, string>> = {
  width: 'width',
  heads: 'heads',
  base: 'attention blocks',
  mambas: 'Mamba blocks',
  music: 'music features',
  codes: 'codes',
  bins: 'phases',
  hidden: 'hidden',
  gated: 'gated',
  inner: 'inner',
  state: 'states',
  rank: 'rank',
  taps: 'taps',
  stages: 'stages',
  depth: 'layers a stage',
}

export type GuestWords = typeof en

const zh: GuestWords = {
  size: sizeOfBytes,
  choreographer: '编舞',
  names: { house: '自带', danceba: 'Danceba' },
  hints: {
    house: '为本应用编写的约 150 个动作。任何音乐都能立刻起舞。',
    danceba: '从街舞中学习的研究模型。编舞需要一些时间。',
  },
  liveHouse: 'Danceba 需要先听完整首曲子。现场音乐由自带编舞来跳。',
  intro:
    'Danceba（ICCV 2025）看过大量街舞，能为任何录制的音乐自己编舞，每秒约八步。它在本设备上运行，权重由你提供。',
  facts: (fetch, kept) => `需下载 ${fetch} · 保留 ${kept} · 仅限非商业用途`,
  bring: {
    title: '提供权重',
    steps: {
      fetch: ['从 Hugging Face 下载', '的压缩包。'],
      unpack: '解压。需要两个文件：',
      drop: '把两个文件拖到这里，顺序不限。',
    },
    in: (folder) => `在 ${folder}/ckpt 中`,
    pick: '选择文件 …',
    pickHint: '也可以拖到页面任何位置。文件只在这里读取，不会上传。',
    pickOther: (file) => `选择 ${file} …`,
  },
  address: {
    title: '从网址获取',
    label: '文件的网址',
    hint: '如果有人以解压后的形式提供这些文件，并允许网页读取，可填一个或两个网址。',
    fetch: '下载',
  },
  fetching: (name) => `正在下载 ${name}`,
  speed: (size) => `${size}/秒`,
  again: {
    offline: (s) => `没有网络；${Math.ceil(s)} 秒后重试`,
    busy: (s) => `服务器繁忙；${Math.ceil(s)} 秒后重试`,
    broken: (s) => `连接中断；${Math.ceil(s)} 秒后重试`,
  },
  precision: {
    title: '保存精度',
    names: { fp32: '精确', fp16: '半精度', int8: '小巧' },
    technical: { fp32: '32 位', fp16: '16 位', int8: '8 位（处理器用）', q8: '8 位（显卡用）' },
    hints: {
      fp32: (size) => `约 ${size}。与发布的数值相同：舞蹈与原版一致。`,
      fp16: (size) => `约 ${size}。舍入到 16 位：几乎没有一步不同。最适合显卡。`,
      int8: (size) => `约 ${size}。舍入到 8 位：最快，有些步子会不同。`,
    },
    again: (kept) => `现在保存的是${kept}。换精度需要原始文件：请再提供一次。`,
  },
  room: (needed, free) => `约需 ${needed}，而浏览器只给本页留有 ${free}。请腾出空间，或选择更小的精度。`,
  parts: { generator: '编舞', poses: '姿势' },
  partHints: { generator: '选择步子', poses: '画出身体' },
  files: { generator: 'epoch_0.pt', poses: 'epoch_500.pt' },
  folders: { generator: 'cc_motion_gpt', poses: 'sep_vqvae_root' },
  missing: (file, folder) => `还需要：${folder} 的 ${file}`,
  kept: (size) => `已就绪，${size}`,
  looking: '正在查看文件内容 …',
  elsewhere: '另一个标签页正在写入这些文件，完成后会继续。',
  converting: (name) => `正在转换 ${name}`,
  progress: (done, of) => `${done} / ${of}`,
  cancel: '取消',
  close: '关闭',
  ready: (size) => `已就绪，可离线使用（${size}）`,
  readyHint: '在上面选一首歌，或拖入一首：Danceba 会随之起舞。',
  table: {
    title: '已有内容',
    part: '部分',
    parameters: '参数',
    tensors: '张量',
    epoch: '轮次',
    file: '文件中',
    keptAs: '保存为',
    keptSize: '占用',
    sizes: '网络',
    unused: '未采用',
    unusedHint: '检查点中跳舞用不到的条目。',
    millions: (count) => {
      if (count >= 1e8) return `${(count / 1e8).toFixed(2)} 亿`
      return count >= 1e5 ? `${Math.round(count / 1e4)} 万` : count.toLocaleString('zh-CN')
    },
    count: (count) => count.toLocaleString('zh-CN'),
    size: (name) => SIZES_ZH[name] ?? name,
  },
  remove: (size) => `移除（腾出 ${size}）`,
  removeSure: (size) => `从本设备移除 Danceba 的权重？将腾出 ${size}。`,
  yes: '移除',
  no: '保留',
  working: {
    loading: 'Danceba 正在准备',
    hearing: 'Danceba 正在听音乐',
    composing: (done, of) => `正在编舞：${done} / ${of} 步`,
    waiting: '音乐在等待舞蹈，会自动继续。',
    early: '编到不会中断时自动开始；按播放可立即开始。',
    stopped: (at) => `停在 ${at}，舞蹈到此为止。`,
    again: '重新编舞',
    stop: '停止编舞',
    rate: (perSecond) => `每秒 ${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)} 步`,
    factor: (factor) => `${factor >= 10 ? Math.round(factor) : factor.toFixed(2)} 倍实时`,
    left: (seconds) => `还剩 ${minutes(seconds)}`,
    heard: (beats) => (beats ? `听到 ${beats} 拍` : '没有听到节拍'),
    on: { webgpu: '使用显卡', wasm: '使用处理器' },
  },
  controls: {
    title: '编舞方式',
    changed: '新的舞蹈编好之前，继续跳现在的。',
    reset: '恢复发布时的设置',
    mode: {
      label: '方法',
      names: { exact: '精确', fast: '快速' },
      hints: {
        exact: '每一步都重新看一遍窗口，与论文相同。',
        fast: '近似：接着之前算过的继续。更快，舞蹈略有不同。',
      },
    },
    draws: {
      label: '步子的选择',
      names: { greedy: '最可能', draws: '抽取' },
      hints: {
        greedy: '总选最可能的一步，与发布时相同：同样的音乐得到同样的舞蹈。',
        draws: '从可能的步子中随机抽取：换个编号，换支舞。',
      },
    },
    temperature: { label: '温度', hint: '大胆程度：低于 1 更常选可能的步子，高于 1 更常选少见的。' },
    topK: { label: '候选', hint: '在 512 个步子中，只从最可能的这么多个里抽取。', off: '全部' },
    seed: { label: '舞蹈编号', hint: '同一编号会再现同一支舞。' },
    another: '换一支舞',
    start: {
      label: '第一步',
      hint: (most) => `一切由此开始的上身和下身编码（0 到 ${most}）。发布时为 423 和 12。`,
      up: '上身',
      down: '下身',
      random: '随机',
    },
    sampleShift: {
      label: '窗口保留',
      hint: '28 步的记忆满了之后保留多少。28 表示每步前移一格，与发布时相同；更少则起初更快。快速方式下 28 相当于 14。',
    },
    lengthS: {
      label: '长度',
      hint: '只为音乐的前若干秒编舞。',
      off: '整首',
      seconds: (s) => `${s} 秒`,
    },
    backend: {
      label: '运行于',
      names: { auto: '自动', webgpu: '显卡', wasm: '处理器' },
      hint: (now) => `以本设备和这些文件，自动即${now}。`,
    },
    onset: {
      label: '听法',
      names: { reference: '发布版', corrected: '修正版' },
      hints: {
        reference: '与原版听法相同，会漏掉密集音乐中的节拍。',
        corrected: '偏离原版：密集音乐中也能听到节拍。模型没有这样学习过。',
      },
    },
    advanced: '更多',
  },
  about: {
    title: '关于 Danceba',
    text: [
      '作者：Congyi Fan、Jian Guan、Xuanjia Zhao、Dongli Xu、Youtian Lin、Tong Ye、Pengming Feng、Haiwei Pan。论文《Align Your Rhythm: Generating Highly Aligned Dance Poses with Gating-Enhanced Rhythm-Aware Feature Representation》，ICCV 2025。',
      '本应用用按规则生成的权重与原版的数值逐一核对：听到的特征、每一层、选择的步子和姿势。已发布的权重本身未能试用。',
      'NTU S-Lab License 1.0：仅限非商业用途的使用和再分发。它学习的舞者来自 AIST++（CC BY 4.0）。',
    ],
    paper: '论文',
    source: '文件来源',
  },
  faults: {
    for: (file) => `${file}：`,
    gone: 'Danceba 的权重已不在这里。请重新提供那两个文件。',
    unfit: '这些权重与 Danceba 在这里听到的不相配。请使用已发布的权重。由自带编舞来跳。',
    instead: '由自带编舞来跳。',
    noRoom: (needed, free) =>
      `空间不足：需要 ${needed}，只有 ${free}。没有改动任何内容。请腾出空间，或选择更小的精度。`,
    noRoomAtAll: '磁盘已满。没有改动任何内容。请腾出空间后再试。',
    noFolder: '浏览器不允许本页保存文件（例如隐私窗口）。Danceba 需要存放权重的地方。',
    memory: '内存不足以在此精度下运行 Danceba。请关闭其他标签页，或以“小巧”重新提供文件。由自带编舞来跳。',
    gpu: '显卡在运行 Danceba 时出错。请改用处理器。由自带编舞来跳。',
    noGpu: '这里没有网页可用于计算的显卡。请让 Danceba 使用处理器。由自带编舞来跳。',
    broke: 'Danceba 在这首曲子上出错了。再播放一次可重试。由自带编舞来跳。',
    policy: '本站不允许从那里下载，需由网站的运营者开放。请用浏览器下载文件，再拖到这里。',
    gated: '该网址需要登录。请用浏览器下载文件，再拖到这里。',
    notFound: '该网址没有文件。请再核对一下。',
    refused: '服务器没有完整给出文件。请稍后再试，或用浏览器下载后拖到这里。',
    unreachable: '无法连接该服务器，或它不允许网页读取文件。请用浏览器下载文件，再拖到这里。',
    broken: '读取文件时出错了。没有改动任何内容。请重试。',
    toProcessor: '显卡带不动 Danceba：改用处理器继续。',
  },
}

const SIZES_ZH: Readonly<Record<string, string>> = {
  width: '宽度',
  heads: '注意力头',
  base: '注意力块',
  mambas: 'Mamba 块',
  music: '音乐特征',
  codes: '编码',
  bins: '相位',
  hidden: '隐层',
  gated: '门控',
  inner: '内部',
  state: '状态',
  rank: '秩',
  taps: '抽头',
  stages: '级',
  depth: '每级层数',
}

export const guestWords = { en, zh }
