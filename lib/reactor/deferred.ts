type Resolve = (value: never) => void;
type Reject = (reason: unknown) => void;

/** The functions of the promise that `deferred` made last. */
export const last: { resolve: Resolve; reject: Reject } = { resolve: ignore, reject: ignore };

const capture = (resolve: (value: unknown) => void, reject: Reject): void => {
  last.resolve = resolve;
  last.reject = reject;
};

/** A promise whose functions stand in `last`, until the next one: it costs no closure. */
export function deferred<T>(): Promise<T> {
  return new Promise(capture as never);
}

function ignore(): void {
  // Nothing has been made yet.
}
