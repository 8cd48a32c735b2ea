// Why something cannot be written, in words: what the system says, for people.

import { CrystalOnnxError, OutputError } from '../errors.ts'

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would be larger than a file may be here',
  EIO: 'the device reports an error',
  EPIPE: 'nobody reads it any more',
  EBADF: 'it is not open for writing',
  EEXIST: 'a file of that name is there',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is no folder',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EBUSY: 'it is a mount point, or in use',
  ENXIO: 'it is a socket, or a device that is not there',
}

/** What the system says of a failed write or open. */
export function reasonOf({ code = '', message }: NodeJS.ErrnoException): string {
  return REASONS[code] ?? message
}

/** An error of the system as one that names the output; any other as it is. */
export function outputError(path: string, error: unknown): unknown {
  const { syscall } = error as NodeJS.ErrnoException
  if (error instanceof CrystalOnnxError || syscall === undefined) return error
  return new OutputError(`${path}: cannot be written: ${reasonOf(error as NodeJS.ErrnoException)}`, {
    cause: error,
  })
}
