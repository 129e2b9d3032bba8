export const targets: readonly {
  readonly zig: string;
  readonly gyp: string;
  readonly file: string;
}[];
