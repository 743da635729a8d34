// @ts-nocheck: builders of graphs are typed where they are used, in build.d.ts
// The chat LLM with its weights in two external data files: model.onnx_data and model.onnx_data_1.
import { buildChatLlm } from './chat-llm.js'

/** @param {object} repo takes files: see RepositoryFiles in build.js */
export function buildChatLlmExternalData(repo, { seed = 1 } = {}) {
  buildChatLlm(repo, { seed, externalDataChunks: 2 })
}
