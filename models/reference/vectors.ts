// Vectors of three plain numbers, for the float64 reference of frames.

import type { Vec3 } from '../../src/math/vectors.ts'

export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

export function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

export function vector(component: (c: number) => number): Vec3 {
  return [component(0), component(1), component(2)]
}

export function plus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

export function scaled([x, y, z]: Vec3, factor: number): Vec3 {
  return [factor * x, factor * y, factor * z]
}

export function minus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

export function unit(a: Vec3): Vec3 {
  return scaled(a, 1 / Math.sqrt(dot(a, a)))
}
