declare module 'node-gyp-build' {
  /** Loads the addon of the package in `directory`: a prebuilt binary first, then a local build. */
  function load(directory: string): unknown;
  namespace load {
    /** The file that it loads. */
    function path(directory: string): string;
  }
  export = load;
}
