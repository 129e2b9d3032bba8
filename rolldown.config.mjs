import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

// dist/: a file for each entry that package.json names, and what they share in a few, because to find and
// read a file for each module of lib/ takes longer than to run it. The types are made by tsc.

const { bin, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.values(exports).filter((entry) => typeof entry === 'object');

/** `./dist/net.js` is made of `lib/net.ts`: `{ net: 'lib/net.ts' }`. */
function inputs(files, extension) {
  const names = files.map((file) => /dist\/(.*)\.m?js$/.exec(file)[1]);
  return Object.fromEntries(names.map((name) => [name, `lib/${name}.${extension}`]));
}

const GETTER =
  /Object\.defineProperty\(exports, "(\w+)", \{\s*enumerable: true,\s*get: function\s*\(\) \{\s*return ([\w$]+);\s*\}\s*\}\);/g;
const ASSIGNED = /^exports\.(\w+) = ([\w$]+);\n?/gm;

/**
 * What one file shares with others is exported by a getter, in case that its value changes. Ours have
 * theirs for good when their file has run, and hundreds of getters, or of properties that are added
 * one by one, are a tenth of what loading takes. `import` finds the names of an entry by assignments.
 */
const plainExports = {
  name: 'plain-exports',
  renderChunk(code, { isEntry }) {
    const plain = code.replace(GETTER, 'exports.$1 = $2;');
    if (isEntry) return plain;
    const properties = [...plain.matchAll(ASSIGNED)].map(([, name, value]) => `${name}: ${value}`);
    return `${plain.replace(ASSIGNED, '')}module.exports = {\n${properties.join(',\n')}\n};\n`;
  },
};

/** What an entry shows, and loads when somebody asks for it: half of `iomux`, a fifth of `iomux/net`. */
const LATER = { index: 'sources', net: 'datagram' };

/** `import`, which finds the names without running the file, only understands assignments. */
const lazyExports = {
  name: 'lazy-exports',
  renderChunk(code, { name }) {
    const later = LATER[name];
    if (later === undefined) return null;
    const exported = new RegExp(`exports\\.(\\w+) = require_${later}\\.\\w+;\n`, 'g');
    const getters = [...code.matchAll(exported)].map(
      ([, name]) => `${name}: { enumerable: true, get: () => require("./${later}.js").${name} },\n`,
    );
    const assigned = withoutRequire(code, later).replace(exported, 'exports.$1 = void 0;\n');
    return `${assigned}Object.defineProperties(exports, {\n${getters.join('')}});\n`;
  },
};

/** Of the two selectors over a multiplexer a system has one. */
const lazySelector = {
  name: 'lazy-selector',
  renderChunk(code, { name }) {
    if (name !== 'core') return null;
    const used = /require_kqueue_selector\.(\w+)/g;
    return withoutRequire(code, 'kqueue-selector').replace(
      used,
      '(require("./kqueue-selector.js").$1)',
    );
  },
};

/** The build fails where there is nothing to take away: then the files are cut in another way. */
function withoutRequire(code, file) {
  const statement = `const require_${file.replaceAll('-', '_')} = require("./${file}.js");\n`;
  if (!code.includes(statement)) throw new Error(`${file}.js is not required: ${statement}`);
  return code.replace(statement, '');
}

export default defineConfig([
  {
    input: inputs([bin.iomux, ...entries.map((entry) => entry.require.default)], 'ts'),
    platform: 'node',
    transform: { target: 'es2022' },
    external: 'node-gyp-build',
    preserveEntrySignatures: 'allow-extension', // which a group without its dependencies asks for
    plugins: [plainExports, lazyExports, lazySelector],
    output: {
      dir: 'dist',
      format: 'cjs',
      cleanDir: true,
      comments: false,
      esModule: true,
      chunkFileNames: '[name].js',
      generatedCode: { symbols: false },
      codeSplitting: {
        groups: [
          // Each with what it needs. What only some need, such as `Socket`, is not in the way of the rest.
          {
            name: 'kqueue-selector',
            test: /\blib\/(poll\/kqueue-selector|raw\/kqueue-constants)\b/,
            includeDependenciesRecursively: false,
            priority: 4,
          },
          { name: 'core', test: /\blib\/reactor\//, priority: 3 },
          { name: 'io', test: /\blib\/io\/(?!(datagram|socket)\/)/, priority: 2 },
          { name: 'datagram', test: /\blib\/io\/datagram\//, priority: 1 },
          { name: 'sources', test: /\blib\/(poll|sources)\// },
        ],
      },
    },
  },
  {
    // ES modules are the same ones by another name: there is one default reactor in a process.
    input: inputs(
      entries.map((entry) => entry.import.default),
      'mts',
    ),
    external: /\.js$/,
    output: { dir: 'dist', format: 'esm', entryFileNames: '[name].mjs' },
  },
]);
