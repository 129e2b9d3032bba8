import { inspect, type InspectOptions } from 'node:util';

/**
 * The text that `console.log` shows for a handle, whose own fields are private or of no use to the user. A
 * property that throws, because the descriptor was closed behind our back, is shown as undefined.
 */
export function shown(handle: object, names: readonly string[], o: InspectOptions): string {
  const properties = names
    .filter((name) => name in handle)
    .map((name): [string, unknown] => {
      try {
        return [name, Reflect.get(handle, name)];
      } catch {
        return [name, undefined];
      }
    });
  return `${handle.constructor.name} ${inspect(Object.fromEntries(properties), o)}`;
}
