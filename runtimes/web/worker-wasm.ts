// A worker with the WebAssembly build of onnxruntime-web, for bundlers: they find the import and put it beside.

import * as ort from 'onnxruntime-web/wasm'
import { serve } from './serve.ts'

serve(async () => ort)
