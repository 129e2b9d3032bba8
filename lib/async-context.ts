import { AsyncResource } from 'node:async_hooks';

/** The symbols of an AsyncResource that identify it; under the others is what it has captured. */
const IDENTITY = new Set(['async_id_symbol', 'trigger_async_id_symbol']);

/** The context in which the package was loaded: usually not that of a request. */
const root = new AsyncResource('IOMUX');
const rootIsEmpty = isEmpty(root);

/** Calls a function in that context, so that long-lived objects that it creates keep nobody's store alive. */
export function inRootContext<T>(call: () => T): T {
  return root.runInAsyncScope(call);
}

/**
 * The current context (of AsyncLocalStorage and async_hooks), for a callback that the reactor will call.
 * Undefined if it is empty, since entering a context costs a third of delivering an event.
 */
export function currentContext(): AsyncResource | undefined {
  const resource = new AsyncResource('IOMUXCALLBACK');
  return rootIsEmpty && isEmpty(resource) ? undefined : resource;
}

/**
 * Node keeps what a resource has captured in a property of it. If a runtime keeps it elsewhere, every context
 * counts as not empty.
 */
function isEmpty(resource: AsyncResource): boolean {
  const symbols = Object.getOwnPropertySymbols(resource);
  const captured = symbols.filter(({ description = '' }) => !IDENTITY.has(description));
  return (
    symbols.length === captured.length + IDENTITY.size &&
    captured.every((symbol) => Reflect.get(resource, symbol) === undefined)
  );
}
