// An ensemble as the fused engine takes it: its members, one after the other on the same images.

import { isAttention } from '../attention/config.ts'
import { describeAttention } from '../attention/fused.ts'
import type { FusedDescription, FusedForward } from '../fused.ts'
import { ofMember } from './members.ts'

export const ensembleInKernels: FusedForward = {
  describe(config, geometry, weights) {
    const { members } = config as { readonly members: readonly { readonly architecture: unknown }[] }
    const described: FusedDescription[] = []
    for (const [n, member] of members.entries()) {
      if (!isAttention(member)) return `member ${n} is a ${member.architecture}`
      const one = describeAttention(member, geometry, ofMember(weights, n))
      if (typeof one === 'string') return `member ${n}: ${one}`
      described.push(one)
    }
    return described
  },
}
