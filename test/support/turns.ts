export const PENDING = Symbol('pending');

/** What a promise has settled with after some iterations of the event loop, or `PENDING`. */
export async function afterTurns(promise: Promise<unknown>): Promise<unknown> {
  for (let turn = 0; turn < 10; turn++) {
    const answer = await Promise.race([
      promise,
      new Promise((resolve) => setImmediate(resolve, PENDING)),
    ]);
    if (answer !== PENDING) return answer;
  }
  return PENDING;
}
