// Which execution provider ran the nodes, from a profile of onnxruntime: not what was asked for, but what happened.

/** One event of a profile: Chrome's trace format. */
interface TraceEvent {
  readonly cat: string
  readonly args: {
    readonly op_name?: string
    readonly provider?: string
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[]
  }
}

export interface Placement {
  /** nodes run, by provider */
  readonly nodes: Readonly<Record<string, number>>
  /** operators that the CPU ran and that give anything but int64: none of them may be there on a GPU */
  readonly floatsOnCpu: readonly string[]
}

const CPU = 'CPUExecutionProvider'

/** @param lines of a profile, one event a line, with or without the commas between them */
export function placement(lines: readonly string[]): Placement {
  const nodes: Record<string, number> = {}
  const floatsOnCpu = new Set<string>()
  for (const line of lines) {
    if (!line.startsWith('{"cat" : "Node"')) continue
    const { args } = JSON.parse(line.replace(/,\s*$/, '')) as TraceEvent
    if (args.provider === undefined) continue
    nodes[args.provider] = (nodes[args.provider] ?? 0) + 1
    const types = args.output_type_shape?.flatMap((output) => Object.keys(output)) ?? []
    if (args.provider === CPU && types.some((type) => type !== 'int64')) {
      floatsOnCpu.add(args.op_name ?? 'a node without a name')
    }
  }
  return { nodes, floatsOnCpu: [...floatsOnCpu].sort() }
}
