/** Options of the ONNX backend; in a file of their own, so that its public types reach none of ONNX Runtime's. */
export interface OnnxOptions {
  /** Threads inside an operator; default: as many as there are cores. */
  readonly threads?: number
  /** ONNX Runtime's execution providers, in order of preference; default: the CPU. */
  readonly executionProviders?: readonly string[]
}
