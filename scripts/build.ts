/**
 * Bundles the functions and the command into `dist/`, one file each, for a short cold start and for the npm package, and puts
 * the types for authors of rules in TypeScript beside them.
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundle } from './bundle.ts';

await bundle('functions/index.ts', 'functions', 'dist');
await bundle('cli/main.ts', 'cli', 'dist');

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const options =
  '--ignoreConfig --declaration --emitDeclarationOnly --rootDir . --outDir dist/types --module nodenext --target es2024 ' +
  '--strict --skipLibCheck --verbatimModuleSyntax --allowImportingTsExtensions';
execFileSync(process.execPath, [tsc, 'pipeline/detection/event-rule.ts', ...options.split(' ')], { stdio: 'inherit' });
