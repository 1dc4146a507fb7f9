/** What bench/ uses of onnxruntime-web, which only `npm ci --prefix bench` installs. */
declare module 'onnxruntime-web' {
  export * from 'onnxruntime-common'
}
