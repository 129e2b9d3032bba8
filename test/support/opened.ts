/** What a test has opened, and may have closed by itself. */
const opened: { close?: () => unknown; destroy?: () => unknown }[] = [];

/** Has it destroyed, or closed, at the end of the test. */
export function tracked<T extends (typeof opened)[number]>(handle: T): T {
  opened.push(handle);
  return handle;
}

export function closeTracked(): void {
  for (const handle of opened.splice(0)) (handle.destroy ?? handle.close)?.call(handle);
}
