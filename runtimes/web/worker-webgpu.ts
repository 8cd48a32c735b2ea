// A worker with the WebGPU build of onnxruntime-web, for bundlers: they find the import and put it beside.

import * as ort from 'onnxruntime-web/webgpu'
import { serve } from './serve.ts'

serve(async () => ort)
