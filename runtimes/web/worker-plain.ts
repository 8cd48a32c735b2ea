// A worker for pages without a bundler. Import maps do not reach workers, so the page says where onnxruntime-web lies.

import { serve } from './serve.ts'

serve(({ script }) => import(/* webpackIgnore: true */ /* @vite-ignore */ script!))
