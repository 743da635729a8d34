/** @file Which token comes next: from a model's logits, as the person wants it, and the same again for the same seed. */
import type { Sampling } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'

/** Sampling with nothing left open. `temperature` 0 always takes the likeliest; 0, 1, 0 and 1 leave the others without effect. */
export interface Choice {
  readonly temperature: number
  readonly topK: number
  readonly topP: number
  readonly minP: number
  readonly repetitionPenalty: number
}

/** What a model's own generation_config.json says of it, as far as it does. */
export interface ModelDefaults {
  readonly do_sample?: boolean | null
  readonly temperature?: number | null
  readonly top_k?: number | null
  readonly top_p?: number | null
  readonly min_p?: number | null
  readonly repetition_penalty?: number | null
}

/** What is asked for, else what the model says, else what changes nothing. */
export const choiceOf = (sampling: Sampling, model: ModelDefaults): Choice => ({
  temperature: Math.max(0, sampling.temperature ?? (model.do_sample ? (model.temperature ?? 1) : 0)),
  topK: Math.max(0, Math.floor(sampling.topK ?? model.top_k ?? 0)),
  topP: within(sampling.topP ?? model.top_p ?? 1),
  minP: within(sampling.minP ?? model.min_p ?? 0),
  repetitionPenalty: Math.max(1, sampling.repetitionPenalty ?? model.repetition_penalty ?? 1),
})

const within = (probability: number) => Math.min(1, Math.max(0, probability))

/**
 * The next token. `logits` has one value a token and is changed in place by the penalty; `seen` are the tokens of prompt and
 * answer so far; `random` gives values in [0, 1). The filters work in the order in which Hugging Face's do: temperature,
 * top-k, top-p of what that leaves, min-p. Throws `unknown`, reason `not-a-number`, for logits that are none.
 */
export const choose = (
  logits: Float32Array,
  choice: Choice,
  seen: Iterable<number>,
  random: () => number,
): number => {
  penalise(logits, choice.repetitionPenalty, seen)
  const likeliest = argmax(logits)
  if (choice.temperature === 0 || choice.topK === 1) return likeliest
  const candidates = filtered(logits, likeliest, choice)
  let rest = random() * totalOf(candidates)
  for (const { token, weight } of candidates) if ((rest -= weight) < 0) return token
  return candidates.at(-1)!.token // rounding
}

/** Values in [0, 1) that are the same for the same seed (mulberry32); without a seed they never are. */
export const randomOf = (seed?: number): (() => number) => {
  let state = seed === undefined ? crypto.getRandomValues(new Uint32Array(1))[0]! : mixed(seed)
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Any number as 32 bits: fractions and large seeds count too. */
const mixed = (seed: number): number => {
  const [low, high] = new Uint32Array(new Float64Array([seed]).buffer)
  return (Math.imul(low!, 0x9e3779b1) ^ Math.imul(high!, 0x85ebca6b)) >>> 0
}

interface Candidate {
  readonly token: number
  /** How many times as likely as the likeliest: 0 to 1. */
  readonly weight: number
}

/** Keskar et al. 2019 (CTRL): what is below zero is multiplied, so that it becomes less likely too. */
const penalise = (logits: Float32Array, penalty: number, seen: Iterable<number>) => {
  if (penalty === 1) return
  for (const token of new Set(seen)) {
    const value = logits[token]
    if (value !== undefined) logits[token] = value < 0 ? value * penalty : value / penalty
  }
}

/** -∞ is a token that is ruled out; NaN and ∞ come from a model that computes nonsense. */
const argmax = (logits: Float32Array): number => {
  let best = -1
  let most = -Infinity
  let numbers = true
  for (let token = 0; token < logits.length; token++) {
    const value = logits[token]!
    if (value > most) {
      most = value
      best = token
    } else if (Number.isNaN(value)) numbers = false
  }
  if (numbers && best >= 0 && most < Infinity) return best
  throw new Fault('unknown', 'the model computes no numbers any more', { detail: { reason: 'not-a-number' } })
}

/** What the filters leave; the likeliest always is among it. A vocabulary has 150,000 tokens: few of them are ever sorted. */
const filtered = (logits: Float32Array, likeliest: number, choice: Choice): Candidate[] => {
  const { temperature, topK, topP, minP } = choice
  const top = logits[likeliest]!
  const weightOf = (token: number) => Math.exp((logits[token]! - top) / temperature)
  if (topK > 0) {
    const candidates = largest(logits, topK).map((token) => ({ token, weight: weightOf(token) }))
    const kept = topP < 1 ? nucleus(candidates, topP * totalOf(candidates)) : candidates
    return kept.filter(({ weight }) => weight >= minP)
  }
  let total = 0
  if (topP < 1) for (let token = 0; token < logits.length; token++) total += weightOf(token)
  // Tokens that even all together would not have what top-p leaves out.
  const negligible = ((1 - topP) * total) / logits.length
  const candidates: Candidate[] = []
  for (let token = 0; token < logits.length; token++) {
    const weight = weightOf(token)
    if (weight > 0 && weight >= minP && weight >= negligible) candidates.push({ token, weight })
  }
  if (topP === 1) return candidates
  return nucleus(
    candidates.sort((a, b) => b.weight - a.weight || a.token - b.token),
    topP * total,
  )
}

/** The tokens of the `count` largest logits, the largest first; of equal ones the first. */
const largest = (logits: Float32Array, count: number): number[] => {
  const tokens: number[] = []
  for (let token = 0; token < logits.length; token++) {
    const value = logits[token]!
    if (tokens.length === count && value <= logits[tokens[count - 1]!]!) continue
    let low = 0
    let high = tokens.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (logits[tokens[middle]!]! >= value) low = middle + 1
      else high = middle
    }
    tokens.splice(low, 0, token)
    if (tokens.length > count) tokens.pop()
  }
  return tokens
}

const totalOf = (candidates: readonly Candidate[]) => candidates.reduce((sum, { weight }) => sum + weight, 0)

/** The fewest of them, from the likeliest on, that together weigh so much. */
const nucleus = (sorted: readonly Candidate[], wanted: number): Candidate[] => {
  let sum = 0
  const end = sorted.findIndex(({ weight }) => (sum += weight) >= wanted)
  return sorted.slice(0, end < 0 ? sorted.length : end + 1)
}
