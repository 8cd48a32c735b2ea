/**
 * A client of `crystal-onnx serve`, for Node and browsers: predictions of a model that runs elsewhere, with the errors of
 * one that runs here. Nothing but fetch is needed.
 *
 * @module crystal-onnx/client
 */

export { connect } from './connect.ts'
export * from './public.ts'
