// The errors of the toolkit. Each class has one stable `code`, which the command line prints as
// {"error": {"code", "message"}}; a message names the value, what was expected, and the next step.

/** Base of every error this toolkit throws on purpose. Anything else that escapes is a bug. */
export abstract class CrystalOnnxError extends Error {
  /** Stable name of the class, which the command line prints. */
  abstract readonly code: string

  constructor(message: string, options?: ErrorOptions) {
    // What a file says may be as long as the file; a message is read by people.
    super(shortened(message), options)
    this.name = new.target.name
  }
}

/** Characters of a message, of which the last ones say what is wrong. */
const [LONGEST, LAST] = [1900, 500]

function shortened(message: string): string {
  if (message.length <= LONGEST) return message
  return `${message.slice(0, LONGEST - LAST)} … ${message.slice(-LAST)}`
}

/** A structure file that cannot be read. */
export class ParseError extends CrystalOnnxError {
  readonly code = 'PARSE'
  /** The file, when known. */
  readonly file: string | undefined
  /** The line in it, from 1, when known. */
  readonly line: number | undefined

  constructor(message: string, where: { file?: string; line?: number } = {}, options?: ErrorOptions) {
    const place = [where.file, where.line === undefined ? undefined : `line ${where.line}`].filter(Boolean)
    super(place.length > 0 ? `${place.join(', ')}: ${message}` : message, options)
    this.file = where.file
    this.line = where.line
  }
}

/** A structure that was read but is no crystal: singular lattice, no atoms, coordinates not finite. */
export class StructureError extends CrystalOnnxError {
  readonly code = 'STRUCTURE'
}

/** An element that the model's element table does not hold. */
export class ElementError extends CrystalOnnxError {
  readonly code = 'ELEMENT'
}

/** Weights that do not fit the architecture: missing, extra or mis-shaped tensors, a broken safetensors file. */
export class WeightsError extends CrystalOnnxError {
  readonly code = 'WEIGHTS'
}

/** A model configuration that contradicts itself or asks for what is not supported. */
export class ConfigError extends CrystalOnnxError {
  readonly code = 'CONFIG'
}

/** A crystal outside of the domain of a model, or a model that does not know its domain, where that is refused. */
export class DomainError extends CrystalOnnxError {
  readonly code = 'DOMAIN'
}

/** A data set that cannot be read, or a line of it that is no labelled crystal. */
export class DatasetError extends CrystalOnnxError {
  readonly code = 'DATASET'
}

/** A public data set that cannot be downloaded, or is not the published file. */
export class DownloadError extends CrystalOnnxError {
  readonly code = 'DOWNLOAD'
}

/** A program that labels crystals and cannot be used: it does not answer at all, or is not the one that began. */
export class ProgramError extends CrystalOnnxError {
  readonly code = 'PROGRAM'
}

/** A screening that cannot begin or go on: its folder is another one's, its inputs changed, or a worker is lost. */
export class ScreenError extends CrystalOnnxError {
  readonly code = 'SCREEN'
}

/** Training that cannot start, go on, or be resumed. */
export class TrainingError extends CrystalOnnxError {
  readonly code = 'TRAINING'
}

/** A tfjs function that cannot be exported. Names the kernel and the call site. */
export class ExportError extends CrystalOnnxError {
  readonly code = 'EXPORT'
}

/** An .onnx file that cannot be used: truncated, not ONNX, without a card, or of a newer format. */
export class ModelFileError extends CrystalOnnxError {
  readonly code = 'MODEL_FILE'
}

/** A model file that none of the given public keys has signed. */
export class SignatureError extends CrystalOnnxError {
  readonly code = 'SIGNATURE'
}

/** A device that is not there, or whose results disagree with the model's golden samples. */
export class DeviceError extends CrystalOnnxError {
  readonly code = 'DEVICE'
}

/** Limits that protect memory and time: a file, a cell or a request larger than allowed. */
export class LimitError extends CrystalOnnxError {
  readonly code = 'LIMIT'
}

/** A queue that is full: nothing was computed, and the same may be accepted later. */
export class OverloadError extends CrystalOnnxError {
  readonly code = 'OVERLOADED'
}

/** Work that was not done within the time that it was given. */
export class DeadlineError extends CrystalOnnxError {
  readonly code = 'DEADLINE'
}

/** A request that is not of the protocol of a server: a tensor that is missing, of another type, or larger than allowed. */
export class RequestError extends CrystalOnnxError {
  readonly code = 'REQUEST'
}

/** A model that a server does not have, or does not have ready. */
export class UnknownModelError extends CrystalOnnxError {
  readonly code = 'UNKNOWN_MODEL'
}

/** A server that wants a key, or another one. */
export class AccessError extends CrystalOnnxError {
  readonly code = 'ACCESS'
}

/** A server that cannot be reached, or does not speak the protocol; or an address that cannot be listened on. */
export class ConnectionError extends CrystalOnnxError {
  readonly code = 'CONNECTION'
}

/** An output that cannot be written: no space, no permission, a folder, or an input of the same command. */
export class OutputError extends CrystalOnnxError {
  readonly code = 'OUTPUT'
}

/** Work that a signal ended before it was done. */
export class InterruptedError extends CrystalOnnxError {
  readonly code = 'INTERRUPTED'
}

/** A function that cannot work where it is called, such as one that reads a path in a browser. */
export class PlatformError extends CrystalOnnxError {
  readonly code = 'PLATFORM'
}
