// Files of torch.save as data, in Node and in the browser. Nothing in them is executed.

export { MAX_FILE_BYTES, readTorchFile, type TorchFile } from './checkpoint.ts'
export { isTensor, type TorchTensor } from './tensor.ts'
