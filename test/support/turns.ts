export const PENDING = Symbol('pending');

/** What a promise has come to after the loop has had some turns, in which nothing may settle it. */
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
