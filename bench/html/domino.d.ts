// The types that the package brings along are those of a module with another name.
declare module '@mixmark-io/domino' {
  /** An empty document of HTML. All that is known of it here is that Observable Plot can draw in it. */
  export function createDocument(): object;
}
