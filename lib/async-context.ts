import { AsyncResource } from 'node:async_hooks';

/** The own properties of an AsyncResource that say who it is; any other one is what it has captured. */
const IDENTITY = new Set(['async_id_symbol', 'trigger_async_id_symbol']);

/** The context in which the package was loaded: usually that of no request. */
const root = new AsyncResource('IOMUX');
const rootIsEmpty = isEmpty(root);

/** Calls in that context, so that what is made there, and stays, holds on to nobody's store. */
export function inRootContext<T>(call: () => T): T {
  return root.runInAsyncScope(call);
}

/**
 * The context of now (of AsyncLocalStorage, of async_hooks), for a callback that the reactor will
 * call: undefined when there is nothing in it, and the reactor's own will do. To enter one costs a
 * third of what it costs to deliver an event.
 */
export function currentContext(): AsyncResource | undefined {
  const resource = new AsyncResource('IOMUXCALLBACK');
  return rootIsEmpty && isEmpty(resource) ? undefined : resource;
}

/**
 * Node keeps what a resource has captured in a property of it; where a runtime keeps it elsewhere, no
 * context is taken for empty.
 */
function isEmpty(resource: AsyncResource): boolean {
  const symbols = Object.getOwnPropertySymbols(resource);
  const captured = symbols.filter(({ description = '' }) => !IDENTITY.has(description));
  return (
    symbols.length === captured.length + IDENTITY.size &&
    captured.every((symbol) => Reflect.get(resource, symbol) === undefined)
  );
}
