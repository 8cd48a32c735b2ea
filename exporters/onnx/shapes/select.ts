// Kernels whose results are as long as values tell.

import type { TypedRule } from './rule.ts'

export const selections: Readonly<Record<string, TypedRule>> = {
  NonMaxSuppressionV3: ({ count }) => [{ dtype: 'int32', shape: [count!] }],
  NonMaxSuppressionV4: ({ count, attrs: { padToMaxOutputSize, maxOutputSize } }) => [
    { dtype: 'int32', shape: [padToMaxOutputSize ? (maxOutputSize as number) : count!] },
    { dtype: 'int32', shape: [] },
  ],
  NonMaxSuppressionV5: ({ count }) => [
    { dtype: 'int32', shape: [count!] },
    { dtype: 'float32', shape: [count!] },
  ],
}
