/** @file What the names of a model's files say. */
import { expect, test } from 'vitest'
import { graphsOf, pathOf } from '../../workers/runtime/repository'

test('the place of a file', () => {
  const url = 'https://huggingface.co/org/name/resolve/0123abc/onnx/model_q4.onnx?download=true'
  expect(pathOf({ url, bytes: 1 })).toBe('onnx/model_q4.onnx')
  expect(pathOf({ url: 'blob:x', path: 'config.json', bytes: 1 })).toBe('config.json')
  expect(() => pathOf({ url: 'https://example.org/model.onnx', bytes: 1 })).toThrow('does not say')
})

test('precision and data of each graph', () => {
  expect(
    graphsOf([
      'config.json',
      'onnx/model_q4f16.onnx',
      'onnx/model_q4f16.onnx_data',
      'onnx/model_q4f16.onnx_data_1',
    ]),
  ).toEqual({
    dtype: { model: 'q4f16' },
    use_external_data_format: { 'model_q4f16.onnx': 2 },
    subfolder: 'onnx',
    model_file_name: 'model',
  })
  expect(graphsOf(['onnx/encoder_model.onnx', 'onnx/decoder_model_merged_quantized.onnx'])).toMatchObject({
    dtype: { encoder_model: 'fp32', decoder_model_merged: 'q8', model: 'fp32' },
    subfolder: 'onnx',
  })
  expect(graphsOf(['onnx/embed_tokens.onnx', 'onnx/language_model_q4.onnx'])).toMatchObject({
    dtype: { language_model: 'q4', model: 'q4' },
  })
})

test('a single graph of another name, at the root', () => {
  expect(graphsOf(['smart-turn-v3.2-cpu.onnx'])).toMatchObject({
    model_file_name: 'smart-turn-v3.2-cpu',
    subfolder: '',
  })
})
