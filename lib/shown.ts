import { inspect, type InspectOptions } from 'node:util';

/**
 * What `console.log` shows of a handle: its fields are private, or say nothing to the user. What the
 * system does not tell any more, of a descriptor that was closed behind its back, is undefined.
 */
export function shown(handle: object, names: readonly string[], o: InspectOptions): string {
  const said = names
    .filter((name) => name in handle)
    .map((name): [string, unknown] => {
      try {
        return [name, Reflect.get(handle, name)];
      } catch {
        return [name, undefined];
      }
    });
  return `${handle.constructor.name} ${inspect(Object.fromEntries(said), o)}`;
}
