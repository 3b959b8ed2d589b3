import { build } from 'esbuild';

/**
 * Bundles a program and what it imports, packages too, into `<folder>/<name>.js` and chunks beside it.
 * @param entry the file of the program
 */
export async function bundle(entry: string, name: string, folder: string): Promise<void> {
  await build({
    entryPoints: { [name]: entry },
    outdir: folder,
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
}
