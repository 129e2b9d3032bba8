type Resolve = (value: never) => void;
type Reject = (reason: unknown) => void;

/** The functions of the promise that `deferred` created last. */
export const last: { resolve: Resolve; reject: Reject } = { resolve: ignore, reject: ignore };

const capture = (resolve: (value: unknown) => void, reject: Reject): void => {
  last.resolve = resolve;
  last.reject = reject;
};

/** Returns a promise whose functions are in `last` until the next call: this needs no closure. */
export function deferred<T>(): Promise<T> {
  return new Promise(capture as never);
}

function ignore(): void {
  // No promise has been created yet.
}
