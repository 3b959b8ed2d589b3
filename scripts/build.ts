/**
 * Bundles the functions and the command into `dist/`, one file each, for a short cold start and for the npm package, and puts
 * the types for authors of rules in TypeScript beside them.
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
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

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const options =
  '--ignoreConfig --declaration --emitDeclarationOnly --rootDir . --outDir dist/types --module nodenext --target es2024 ' +
  '--strict --skipLibCheck --verbatimModuleSyntax --allowImportingTsExtensions';
execFileSync(process.execPath, [tsc, 'pipeline/detection/event-rule.ts', ...options.split(' ')], { stdio: 'inherit' });
