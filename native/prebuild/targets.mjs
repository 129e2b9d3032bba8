/**
 * The systems for which a binary is built. `zig`: Zig's name, with the oldest C library that is
 * supported; `gyp`: gyp's name of the system; `file`: where node-gyp-build looks for the binary.
 */
export const targets = [
  {
    zig: 'x86_64-linux-gnu.2.28',
    gyp: 'linux',
    file: 'prebuilds/linux-x64/iomux.napi.uv1.glibc.node',
  },
  {
    zig: 'aarch64-linux-gnu.2.28',
    gyp: 'linux',
    file: 'prebuilds/linux-arm64/iomux.napi.uv1.glibc.node',
  },
  { zig: 'x86_64-linux-musl', gyp: 'linux', file: 'prebuilds/linux-x64/iomux.napi.uv1.musl.node' },
  {
    zig: 'aarch64-linux-musl',
    gyp: 'linux',
    file: 'prebuilds/linux-arm64/iomux.napi.uv1.musl.node',
  },
  { zig: 'x86_64-macos.11.0', gyp: 'mac', file: 'prebuilds/darwin-x64/iomux.napi.uv1.node' },
  { zig: 'aarch64-macos.11.0', gyp: 'mac', file: 'prebuilds/darwin-arm64/iomux.napi.uv1.node' },
];
