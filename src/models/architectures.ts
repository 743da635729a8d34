/**
 * @file The classes of transformers.js 4.3.1 that are of use here, as data: which graphs each is made of. A test compares this
 * table with the library's own (models/registry.js, models/session_config.js), so that an update cannot slip past it.
 */
import type { Task } from '../shared/contracts'

/** How a class is cut into graphs; the names are those of the library's MODEL_TYPES. */
export type Shape =
  | 'EncoderOnly'
  | 'DecoderOnly'
  | 'Seq2Seq'
  | 'ImageTextToText'
  | 'AudioTextToText'
  | 'ImageAudioTextToText'
  | 'VoxtralRealtime'
  | 'Supertonic'
  | 'Chatterbox'

/** Base names of the files. */
export const GRAPHS: Readonly<Record<Shape, readonly string[]>> = {
  EncoderOnly: ['model'],
  DecoderOnly: ['model'],
  Seq2Seq: ['encoder_model', 'decoder_model_merged'],
  ImageTextToText: ['embed_tokens', 'decoder_model_merged', 'vision_encoder'],
  AudioTextToText: ['embed_tokens', 'decoder_model_merged', 'audio_encoder'],
  ImageAudioTextToText: ['embed_tokens', 'decoder_model_merged', 'audio_encoder', 'vision_encoder'],
  VoxtralRealtime: ['embed_tokens', 'decoder_model_merged', 'audio_encoder'],
  Supertonic: ['text_encoder', 'latent_denoiser', 'voice_decoder'],
  Chatterbox: ['embed_tokens', 'speech_encoder', 'language_model', 'conditional_decoder'],
}

/** What a model that also sees or hears needs for text alone: its class for text loads nothing else. */
export const TEXT_GRAPHS = ['embed_tokens', 'decoder_model_merged'] as const

export interface Architecture {
  readonly class: string
  readonly shape: Shape
  readonly tasks: readonly Task[]
}

const rows = (shape: Shape, tasks: readonly Task[], table: string): [string, Architecture][] =>
  table
    .trim()
    .split(/\s+/)
    .map((row) => {
      const [type, name] = row.split('=') as [string, string]
      return [type, { class: name, shape, tasks }]
    })

/** By `model_type`, as config.json names it. */
export const ARCHITECTURES: ReadonlyMap<string, Architecture> = new Map([
  ...rows(
    'DecoderOnly',
    ['chat'],
    `afmoe=AfmoeForCausalLM apertus=ApertusForCausalLM arcee=ArceeForCausalLM bloom=BloomForCausalLM
     codegen=CodeGenForCausalLM cohere=CohereForCausalLM cohere2=Cohere2ForCausalLM
     deepseek_v3=DeepseekV3ForCausalLM deepseek_v4=DeepseekV4ForCausalLM ernie4_5=Ernie4_5ForCausalLM
     exaone=ExaoneForCausalLM falcon=FalconForCausalLM falcon_h1=FalconH1ForCausalLM gemma=GemmaForCausalLM
     gemma2=Gemma2ForCausalLM gemma3_text=Gemma3ForCausalLM glm=GlmForCausalLM
     glm_moe_dsa=GlmMoeDsaForCausalLM gpt2=GPT2LMHeadModel gpt_bigcode=GPTBigCodeForCausalLM
     gpt_neo=GPTNeoForCausalLM gpt_neox=GPTNeoXForCausalLM gpt_oss=GptOssForCausalLM gptj=GPTJForCausalLM
     granite=GraniteForCausalLM granitemoehybrid=GraniteMoeHybridForCausalLM helium=HeliumForCausalLM
     hrm_text=HrmTextForCausalLM hunyuan_v1_dense=HunYuanDenseV1ForCausalLM jais=JAISLMHeadModel
     lfm2=Lfm2ForCausalLM lfm2_moe=Lfm2MoeForCausalLM llama=LlamaForCausalLM llama4_text=Llama4ForCausalLM
     ministral=MinistralForCausalLM ministral3=Ministral3ForCausalLM mistral=MistralForCausalLM
     mistral4=Mistral4ForCausalLM mobilellm=MobileLLMForCausalLM
     modernbert-decoder=ModernBertDecoderForCausalLM mpt=MptForCausalLM nanochat=NanoChatForCausalLM
     nemotron_h=NemotronHForCausalLM olmo=OlmoForCausalLM olmo2=Olmo2ForCausalLM olmo3=Olmo3ForCausalLM
     olmo_hybrid=OlmoHybridForCausalLM openelm=OpenELMForCausalLM opt=OPTForCausalLM phi=PhiForCausalLM
     phi3=Phi3ForCausalLM qwen2=Qwen2ForCausalLM qwen2_moe=Qwen2MoeForCausalLM qwen3=Qwen3ForCausalLM
     qwen3_5_text=Qwen3_5ForCausalLM qwen3_moe=Qwen3MoeForCausalLM qwen3_next=Qwen3NextForCausalLM
     smollm3=SmolLM3ForCausalLM solar_open=SolarOpenForCausalLM stablelm=StableLmForCausalLM
     starcoder2=Starcoder2ForCausalLM vaultgemma=VaultGemmaForCausalLM youtu=YoutuForCausalLM
     zaya=ZayaForCausalLM`,
  ),
  ...rows(
    'ImageTextToText',
    ['see'],
    `florence2=Florence2ForConditionalGeneration glm_ocr=GlmOcrForConditionalGeneration
     idefics3=Idefics3ForConditionalGeneration lfm2_vl=Lfm2VlForConditionalGeneration
     lighton_ocr=LightOnOcrForConditionalGeneration llava=LlavaForConditionalGeneration
     llava_onevision=LlavaOnevisionForConditionalGeneration llava_qwen2=LlavaQwen2ForCausalLM
     mistral3=Mistral3ForConditionalGeneration moondream1=Moondream1ForConditionalGeneration
     paligemma=PaliGemmaForConditionalGeneration smolvlm=SmolVLMForConditionalGeneration`,
  ),
  // The library has a class for text beside the one for pictures.
  ...rows(
    'ImageTextToText',
    ['see', 'chat'],
    `gemma3=Gemma3ForConditionalGeneration qwen2_vl=Qwen2VLForConditionalGeneration
     qwen2_5_vl=Qwen2_5_VLForConditionalGeneration qwen3_vl=Qwen3VLForConditionalGeneration
     qwen3_vl_moe=Qwen3VLMoeForConditionalGeneration qwen3_5=Qwen3_5ForConditionalGeneration
     qwen3_5_moe=Qwen3_5MoeForConditionalGeneration`,
  ),
  ...rows(
    'ImageAudioTextToText',
    ['see', 'chat', 'hear'],
    'gemma3n=Gemma3nForConditionalGeneration gemma4=Gemma4ForConditionalGeneration',
  ),
  ...rows(
    'AudioTextToText',
    ['hear'],
    `granite_speech=GraniteSpeechForConditionalGeneration ultravox=UltravoxModel
     voxtral=VoxtralForConditionalGeneration`,
  ),
  ...rows('VoxtralRealtime', ['hear'], 'voxtral_realtime=VoxtralRealtimeForConditionalGeneration'),
  ...rows(
    'Seq2Seq',
    ['hear'],
    `whisper=WhisperForConditionalGeneration lite-whisper=LiteWhisperForConditionalGeneration
     moonshine=MoonshineForConditionalGeneration cohere_asr=CohereAsrForConditionalGeneration`,
  ),
  ...rows(
    'EncoderOnly',
    ['hear'],
    `wav2vec2=Wav2Vec2ForCTC wav2vec2-bert=Wav2Vec2BertForCTC hubert=HubertForCTC wavlm=WavLMForCTC
     unispeech=UniSpeechForCTC unispeech-sat=UniSpeechSatForCTC parakeet_ctc=ParakeetForCTC`,
  ),
  ...rows('EncoderOnly', ['speak'], 'style_text_to_speech_2=StyleTextToSpeech2Model vits=VitsModel'),
  ...rows('Supertonic', ['speak'], 'supertonic=SupertonicForConditionalGeneration'),
  ...rows('Chatterbox', ['speak'], 'chatterbox=ChatterboxModel'),
  ...rows(
    'Seq2Seq',
    ['translate'],
    `m2m_100=M2M100ForConditionalGeneration marian=MarianMTModel mbart=MBartForConditionalGeneration
     t5=T5ForConditionalGeneration mt5=MT5ForConditionalGeneration`,
  ),
])

/** Base names of the graphs that a task takes. What sees or hears as well needs fewer for text alone. */
export const graphsOf = ({ class: name, shape }: Architecture, task: Task): readonly string[] => {
  if (task === 'chat' && shape !== 'DecoderOnly') return TEXT_GRAPHS
  // The only one of its shape with an encoder for text.
  if (name === 'Florence2ForConditionalGeneration') return [...GRAPHS[shape], 'encoder_model']
  return GRAPHS[shape]
}

/** By the name of the class, as config.json's `architectures` has it. */
export const CLASSES: ReadonlyMap<string, Architecture> = new Map(
  [...ARCHITECTURES.values()].map((of) => [of.class, of]),
)

/** What the library can run and the app has no use for: other shapes of pictures, words and sounds. */
export const OTHER_TYPES: ReadonlySet<string> = new Set(
  `albert audio-spectrogram-transformer bart beit ben bert birefnet blenderbot blenderbot-small camembert
   chinese_clip chmv2 clap clip clipseg convbert convnext convnextv2 d_fine dac deberta deberta-v2
   decision_transformer deit depth_anything depth_pro detr dinov2 dinov2_with_registers dinov3_convnext
   dinov3_vit distilbert donut-swin dpt edgetam efficientnet electra embedding_gemma2 esm eurobert fastvit
   glpn grounding-dino groupvit hiera hifigan ijepa isnet jina_clip longt5 maskformer metric3d metric3dv2
   mgp-str mimi mobilebert mobilenet_v1 mobilenet_v2 mobilenet_v3 mobilenet_v4 mobilevit mobilevitv2 modernbert
   modnet mpnet multi_modality musicgen neobert nomic_bert openai_privacy_filter owlv2 owlvit patchtsmixer
   patchtst phi3_v pvt pyannote resnet rf_detr roberta roformer rt_detr rt_detr_v2 sam sam2 sam3_tracker
   sapiens segformer siglip snac speecht5 squeezebert swin swin2sr table-transformer trocr vision-encoder-decoder
   vit vit_mae vit_msn vitmatte vitpose wespeaker-resnet xlm xlm-roberta yolos`.split(/\s+/),
)
