/**
 * The models that come with the package: the addresses of their files, for `load` of every entry, in Node and in what
 * bundlers make for pages. In Node `load('formation-energy')` takes the names as well.
 *
 * @module crystal-onnx/pretrained
 */

export * from './addresses.ts'
