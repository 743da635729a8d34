/** @file What emoji say to a face: they are not read aloud, but acted. */

export type Mood = 'neutral' | 'happy' | 'sad' | 'angry' | 'relaxed' | 'surprised'

/** From `at` on (an index into the text) the face shows this. */
export interface MoodCue {
  readonly at: number
  readonly mood: Mood
}

const MOODS: Readonly<Record<Exclude<Mood, 'neutral'>, string>> = {
  happy:
    '😀 😃 😄 😁 😆 😅 🤣 😂 🙂 😊 😇 🥰 😍 🤩 😘 😗 😚 😙 😋 😛 😜 🤪 😝 🤗 🤭 🥳 😎 😸 😹 😺 😻 🎉 🎊 ✨ 💖 💕 💗 💓 💞 💘 ❤ 🧡 💛 💚 💙 💜 🤍 💯 👍 👏 🙌 🌟 🌈 🍕 🎂 🎁',
  relaxed: '😌 🥱 😴 🤤 🛌 ☕ 🍵 🧘 🌙 💤 😏 🙃 😉',
  sad: '😔 😕 🙁 ☹ 😣 😖 😫 😩 🥺 😢 😭 😞 😓 😥 😰 😟 💔 🥀 😿 🙍',
  angry: '😤 😠 😡 🤬 👿 😾 💢 🙄 😒 👎',
  surprised: '😮 😯 😲 😳 🤯 😱 😨 😧 😦 🫢 🫨 🙀 ❗ ❓ ‼ ⁉ 👀 😵 🤔',
}

const MOOD_OF = new Map<string, Mood>(
  Object.entries(MOODS).flatMap(([mood, emoji]) =>
    emoji.split(' ').map((one): [string, Mood] => [one, mood as Mood]),
  ),
)

/** Where the face changes in a text, in order. */
export const moodCues = (text: string): MoodCue[] => {
  const cues: MoodCue[] = []
  for (const { 0: emoji, index } of text.matchAll(/\p{Extended_Pictographic}/gu)) {
    const mood = MOOD_OF.get(emoji)
    if (mood) cues.push({ at: index, mood })
  }
  return cues
}
