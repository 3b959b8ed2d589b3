/** Bundles the functions and the command into `dist/`, one file each, for a short cold start and for the npm package. */
import { build } from 'esbuild';

const bundle = (entry: string, name: string) =>
  build({
    entryPoints: { [name]: entry },
    outdir: 'dist',
    outExtension: { '.js': '.js' },
    bundle: true,
    splitting: true,
    chunkNames: `chunks/${name}-[hash]`,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    sourcemap: 'linked',
    legalComments: 'linked',
    // Given by the Azure Functions worker at run time.
    external: ['@azure/functions-core'],
    // Some of the packages bundled are CommonJS and call `require`.
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });

await bundle('functions/index.ts', 'functions');
await bundle('cli/main.ts', 'cli');
