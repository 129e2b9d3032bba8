declare module 'node-gyp-build' {
  /** Loads the addon of the package in `directory`: a prebuilt binary first, then a local build. */
  export default function load(directory: string): unknown;
}
