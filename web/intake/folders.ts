// The files of a drop, those in dropped folders included, however deep they lie.

import { LIMITS } from './limits.ts'

/** A file under the path that it has in the folder which was dropped. */
export interface DroppedFile {
  readonly name: string
  readonly file: File
}

/** Hidden files are an affair of operating systems. */
const isHidden = (name: string) => name.startsWith('.')

/** Must be called while the drop is handled: a browser forgets the items after it. */
export async function droppedFiles(transfer: DataTransfer): Promise<DroppedFile[]> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.() ?? undefined)
  // Files that a script has made are no entries of a file system.
  if (!entries.some((entry) => entry?.isDirectory)) {
    return Array.from(transfer.files, (file) => ({ name: file.name, file }))
  }
  const found: DroppedFile[] = []
  for (const entry of entries) if (entry) await gather(entry, found)
  return found.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

async function gather(entry: FileSystemEntry, found: DroppedFile[]): Promise<void> {
  if (isHidden(entry.name) || found.length > LIMITS.files) return
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    found.push({ name: entry.fullPath.replace(/^\//, ''), file })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // Chromium gives a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return
    for (const inner of some) await gather(inner, found)
  }
}
