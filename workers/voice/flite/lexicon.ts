/** @file What the reader knows about English words: abbreviations, acronyms, and respellings that Flite says well. */

/** Expanded wherever they stand, with or without a full stop. Keys have no full stops. */
export const ABBREVIATIONS = dictionary({
  dr: 'doctor',
  mr: 'mister',
  mrs: 'missus',
  ms: 'miz',
  prof: 'professor',
  jr: 'junior',
  sr: 'senior',
  vs: 'versus',
  etc: 'et cetera',
  eg: 'for example',
  ie: 'that is',
  approx: 'approximately',
  dept: 'department',
  govt: 'government',
  intl: 'international',
  blvd: 'boulevard',
  ltd: 'limited',
  hr: 'hour',
  hrs: 'hours',
  mins: 'minutes',
  secs: 'seconds',
  yr: 'year',
  yrs: 'years',
  km: 'kilometers',
  cm: 'centimeters',
  kg: 'kilograms',
  kph: 'kilometers per hour',
  mph: 'miles per hour',
  pls: 'please',
  plz: 'please',
  thx: 'thanks',
  wwi: 'world war one',
  wwii: 'world war two',
})

/** Expanded before a name, with or without a full stop. */
export const TITLES = dictionary({
  gen: 'general',
  col: 'colonel',
  capt: 'captain',
  lt: 'lieutenant',
  sgt: 'sergeant',
  maj: 'major',
  gov: 'governor',
  sen: 'senator',
  rep: 'representative',
  rev: 'reverend',
  pres: 'president',
  hon: 'honorable',
  st: 'saint',
  mt: 'mount',
  ft: 'fort',
})

/** Expanded with a full stop only: without it they are words or names of their own. */
export const DOTTED = dictionary({
  v: 'versus',
  st: 'street',
  ave: 'avenue',
  rd: 'road',
  co: 'company',
  corp: 'corporation',
  inc: 'incorporated',
  bros: 'brothers',
  assn: 'association',
  univ: 'university',
  est: 'established',
  avg: 'average',
  misc: 'miscellaneous',
  incl: 'including',
  esp: 'especially',
  cf: 'compare',
})

/** Expanded with a full stop before a number. */
export const BEFORE_NUMBER = dictionary({
  no: 'number',
  nos: 'numbers',
  p: 'page',
  pp: 'pages',
  fig: 'figure',
  vol: 'volume',
  ch: 'chapter',
  sec: 'section',
  art: 'article',
  tel: 'telephone',
  ext: 'extension',
  ca: 'circa',
  max: 'maximum',
  min: 'minimum',
  sat: 'saturday',
  sun: 'sunday',
})

/** Expanded when capitalised, with a full stop or beside a number. */
export const CALENDAR = dictionary({
  jan: 'january',
  feb: 'february',
  mar: 'march',
  apr: 'april',
  jun: 'june',
  jul: 'july',
  aug: 'august',
  sep: 'september',
  sept: 'september',
  oct: 'october',
  nov: 'november',
  dec: 'december',
  mon: 'monday',
  tue: 'tuesday',
  tues: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  thur: 'thursday',
  thurs: 'thursday',
  fri: 'friday',
})

/** Whatever may have to be expanded. */
export const SHORTENED: ReadonlySet<string> = new Set(
  [ABBREVIATIONS, TITLES, DOTTED, BEFORE_NUMBER, CALENDAR].flatMap((table) => Array.from(table.keys())),
)

/** Words with a slash in them. */
export const SLASHED = dictionary({
  'and/or': 'and or',
  'he/she': 'he or she',
  'she/he': 'she or he',
  's/he': 'she or he',
  'his/her': 'his or her',
  'him/her': 'him or her',
  'w/o': 'without',
  'w/': 'with',
  'b/c': 'because',
  'n/a': 'not applicable',
  'c/o': 'care of',
})

/** Words that begin a sentence after an abbreviation: "in the U.S. The law". */
export const STARTERS: ReadonlySet<string> = set(
  'The A An It He She They We I You This That These Those But And In On At There What Why How When Where If So No Yes',
)

/** Read letter by letter in any case, although they could be words, or nearly. */
export const LETTERED: ReadonlySet<string> = set(
  `ai api uk eu usa usb uae ufo suv vip cpu gpu tpu npu ceo cfo coo faq ui ux url id os ip iot io
  ios diy omg lmao idk imo imho fbi cia irs aka eta nyc atm asap sdk llm llms utc iq afk
  ucla ncaa ieee naacp oecd aclu usaid ucas iata icao iaea icu adhd ussr eula isbn`,
)

/** In capitals these are words all the same, although short. */
export const SHORT_WORDS: ReadonlySet<string> = set(
  `a i all and any are as at bad be big boy but buy by can car cat day did do dog eat end far few for fun get go god
  got had has he her hey hi him his hot how if in is job joy let lot love mad man may me men mom my new no not now
  of off oh old on one or our out own pay put red run sad say see set she sir sit six so son stop sun ten the then
  to too top try two up use wait was way we wet who why win won wow yay yes yet you your
  nasa nato opec fifa uefa sars covid aids ram rom sim pin gif lol nafta osha fema swat ikea yolo fomo captcha`,
)

/** Capitals that are letters unless everything around is in capitals: "the US", "the IT department". */
export const LETTERED_IN_CAPITALS: ReadonlySet<string> = set('us it who am pm pa ma la un')

/** Kings, queens and popes, whose Roman numeral is an ordinal. */
export const REGNAL: ReadonlySet<string> = set(
  `henry louis charles philip george edward pius william richard ptolemy john paul peter nicholas frederick james
  alfonso ivan napoleon leo gregory catherine elizabeth mary alexander benedict francis clement innocent urban
  ramesses xerxes darius felipe carlos wilhelm friedrich otto victor umberto christian harald haakon olav gustav`,
)

/** Before a Roman numeral that counts. */
export const COUNTED: ReadonlySet<string> = set(
  `section chapter part phase verse scene act book volume war apollo type title article appendix figure table grade
  class level episode season round stage mark bowl element factor group category tier unit world`,
)

/** Greek letters that stand alone, by names that Flite says well. */
export const GREEK: Readonly<Record<string, string>> = {
  α: 'alpha',
  β: 'beta',
  γ: 'gamma',
  δ: 'delta',
  ε: 'epsilon',
  ζ: 'zeta',
  η: 'eta',
  θ: 'theta',
  ι: 'iota',
  κ: 'kappa',
  λ: 'lambda',
  μ: 'mu',
  ν: 'new',
  ξ: 'zigh',
  ο: 'omicron',
  π: 'pie',
  ρ: 'row',
  σ: 'sigma',
  τ: 'tau',
  υ: 'upsilon',
  φ: 'fie',
  χ: 'kie',
  ψ: 'sigh',
  ω: 'omega',
  Γ: 'gamma',
  Δ: 'delta',
  Θ: 'theta',
  Λ: 'lambda',
  Ξ: 'zigh',
  Π: 'pie',
  Σ: 'sigma',
  Φ: 'fie',
  Ψ: 'sigh',
  Ω: 'omega',
}

/** Before a letter that is a label, and no first name. */
export const LABELLED: ReadonlySet<string> = set(
  `vitamin plan grade group option section appendix exhibit hepatitis room team type class size gate platform terminal
  block level point part figure table category`,
)

/** Things people type that are no words, respelled so that Flite says a word. */
const INTERJECTIONS: Readonly<Record<string, string>> = {
  uhh: 'uh',
  ahh: 'ah',
  ohh: 'oh',
  hmph: 'humf',
  hm: 'hum',
  hmm: 'hum',
  mm: 'hum',
  mhm: 'uh huh',
  mmhm: 'uh huh',
  shh: 'shush',
  psst: 'pist',
  pst: 'pist',
  brr: 'burr',
  grr: 'gurr',
  pfft: 'puff',
  pff: 'puff',
  tsk: 'tisk',
  zz: 'zuz',
  ew: 'you',
  eww: 'you',
  aww: 'aw',
  hehe: 'hee hee',
  heh: 'hay',
  nth: 'enth',
  "'n'": 'en',
  "'n": 'en',
  "'tis": 'tiz',
  "'twas": 'twuz',
  "'em": 'um',
  "'cause": 'cuz',
  "'til": 'till',
  "'till": 'till',
  "'bout": 'bout',
}

/**
 * What Flite says wrongly, respelled until its phones were right (`flite -ps`): its dictionary knows few words that are
 * younger than the web, and of n't only the letters.
 */
const SOUNDS_LIKE: Readonly<Record<string, string>> = {
  gen: 'jen',
  lead: 'leed',
  re: 'ree',
  se: 'say',
  wi: 'why',
  petabyte: 'petta byte',
  milliamp: 'milli amp',
  "i'm": 'ime',
  "isn't": 'izzant',
  "wasn't": 'wozent',
  "doesn't": 'dozent',
  "hasn't": 'hazzent',
  "haven't": 'havvent',
  "mightn't": 'mitent',
  coulda: 'kooda',
  shoulda: 'shooda',
  woulda: 'wooda',
  outta: 'out uh',
  vegan: 'veegan',
  memes: 'meems',
  ciao: 'chow',
  merci: 'mare see',
  hola: 'ola',
  namaste: 'nahma stay',
  latte: 'lattay',
  matcha: 'motcha',
  karate: 'karahty',
  anime: 'annimay',
  pokemon: 'poe kay mon',
  pikachu: 'peeka chew',
  quinoa: 'keen wah',
  tortilla: 'tor tee ya',
  paella: 'pie ay uh',
  quesadilla: 'kay sa dee ya',
  guacamole: 'gwah ka moly',
  sriracha: 'sri rotcha',
  jalapeno: 'hala pain yo',
  beyonce: 'bee yon say',
  nguyen: 'win',
  siobhan: 'shiv awn',
  kyiv: 'keeve',
  emojis: 'emojees',
  gif: 'jif',
  json: 'jason',
  git: 'ghit',
  github: 'ghit hub',
  gitlab: 'ghit lab',
  gui: 'gooey',
  login: 'log in',
  logout: 'log out',
  readme: 'reed me',
  async: 'ay sink',
  enum: 'ee num',
  nginx: 'engine ex',
  ubuntu: 'oo boon too',
  debian: 'debbian',
  kubernetes: 'koober nettees',
  ethereum: 'ee theerium',
  blockchain: 'block chain',
  metaverse: 'metta verse',
  emacs: 'ee macks',
  macos: 'mac o s',
  ipad: 'i pad',
  nvidia: 'en vidia',
  openai: 'open ay i',
  chatgpt: 'chat g p t',
  webgl: 'web g l',
  webgpu: 'web g p u',
  webrtc: 'web r t c',
  vtuber: 'v toober',
  vite: 'veet',
  vitest: 'vee test',
  pytorch: 'pie torch',
  tensorflow: 'tensor flow',
  numpy: 'num pie',
  jupyter: 'jupiter',
  colab: 'co lab',
  huggingface: 'hugging face',
  postgres: 'post gress',
  mongodb: 'mongo d b',
  mysql: 'my s q l',
  jira: 'jeera',
  reddit: 'redit',
  tumblr: 'tumbler',
  pinterest: 'pin trest',
  linkedin: 'linked in',
  tiktok: 'tick tock',
  airbnb: 'air b n b',
  xiaomi: 'shao me',
  jinping: 'jin ping',
  ok: 'okay',
}

export const RESPELLED = dictionary({ ...INTERJECTIONS, ...SOUNDS_LIKE })

/** Not the object itself: it also has what every object has, such as "constructor". */
function dictionary(entries: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(entries))
}

function set(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/))
}
