/** @file What the names of a model's files say: where each lies in its repository, and in which precision a graph is. */
import type { Dtype, ModelFile } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'

/** Precisions as the library names them, by the end of a file's name; no end is fp32. It knows no others. */
const DTYPES: readonly (readonly [suffix: string, dtype: LibraryDtype])[] = [
  ['_fp16', 'fp16'],
  ['_quantized', 'q8'],
  ['_int8', 'int8'],
  ['_uint8', 'uint8'],
  ['_q4f16', 'q4f16'],
  ['_q4', 'q4'],
  ['_bnb4', 'bnb4'],
]

export type LibraryDtype = Exclude<Dtype, 'q8f16' | 'uint8f16'>

/** How a model's graphs are asked for, in the library's own words. */
export interface Graphs {
  /** By a graph's name without precision, such as `decoder_model_merged`. */
  readonly dtype: Readonly<Record<string, LibraryDtype>>
  /** By a graph's whole name, such as `model_q4.onnx`: in how many files its weights lie beside it. */
  readonly use_external_data_format: Readonly<Record<string, number>>
  /** The folder of the graphs: `onnx`, or nothing. */
  readonly subfolder: string
  /** Of a model with a single graph: its name, which need not be `model`. */
  readonly model_file_name?: string
}

/** Where a file lies in its repository: `onnx/model_q4.onnx`. */
export const pathOf = (file: ModelFile): string => {
  const path = file.path ?? /\/resolve\/[^/]+\/([^?#]+)/.exec(file.url)?.[1]
  if (!path) throw new Fault('bad-input', `${file.url} does not say where in its repository it lies`)
  return decodeURIComponent(path)
}

/** What is to be asked for, read off the names of what is there: the library's own guesses differ from device to device. */
export const graphsOf = (paths: readonly string[]): Graphs => {
  const graphs = paths.filter((path) => path.endsWith('.onnx'))
  const dtype: Record<string, LibraryDtype> = {}
  const external: Record<string, number> = {}
  for (const path of graphs) {
    const name = fileName(path)
    const { base, precision } = partsOf(name)
    dtype[base] = precision
    external[name] = paths.filter((other) => isDataOf(path, other)).length
  }
  // The list of files, and with it every total, is looked up under the name the class has for a graph, which for most is
  // `model`; loading looks under the name of the file. Given both, the two agree.
  const first = MAIN.find((base) => dtype[base])
  if (first && !dtype['model']) dtype['model'] = dtype[first]!
  const [single, another] = graphs
  return {
    dtype,
    use_external_data_format: external,
    subfolder: single?.includes('/') ? single.slice(0, single.lastIndexOf('/')) : '',
    ...(single && !another && { model_file_name: partsOf(fileName(single)).base }),
  }
}

const MAIN = ['encoder_model', 'language_model', 'decoder_model_merged', 'text_encoder']

const fileName = (path: string) => path.slice(path.lastIndexOf('/') + 1)

const partsOf = (name: string): { base: string; precision: LibraryDtype } => {
  const stem = name.slice(0, -'.onnx'.length)
  const known = DTYPES.find(([suffix]) => stem.endsWith(suffix))
  return known
    ? { base: stem.slice(0, -known[0].length), precision: known[1] }
    : { base: stem, precision: 'fp32' }
}

/** `model.onnx_data`, `model.onnx_data_1` … */
const isDataOf = (graph: string, path: string) =>
  path.startsWith(`${graph}_data`) && /^(_\d+)?$/.test(path.slice(graph.length + '_data'.length))
