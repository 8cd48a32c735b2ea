// What stands for functions of crystal models in a page: onnxruntime of Node and keys are not there.

import { PlatformError } from '../../src/errors.ts'

/** @throws PlatformError always: the finished file is checked with onnxruntime-node. */
export async function exportCrystalModel(): Promise<never> {
  throw new PlatformError(
    'exportCrystalModel checks its file with onnxruntime-node, which a page does not have; export in Node',
  )
}

/** @throws PlatformError always: it compares onnxruntime-node with other engines. */
export async function verifyModel(): Promise<never> {
  throw new PlatformError('verifyModel runs onnxruntime-node, which a page does not have; verify in Node')
}

/** @throws PlatformError always: keys are read by node:crypto. */
export async function signModel(): Promise<never> {
  throw new PlatformError('signModel uses node:crypto, which a page does not have; sign in Node')
}
