/** What the test has opened, and may have closed itself. */
const opened: { close?: () => unknown; destroy?: () => unknown }[] = [];

/** Destroys or closes the handle at the end of the test. */
export function tracked<T extends (typeof opened)[number]>(handle: T): T {
  opened.push(handle);
  return handle;
}

export function closeTracked(): void {
  for (const handle of opened.splice(0)) (handle.destroy ?? handle.close)?.call(handle);
}
