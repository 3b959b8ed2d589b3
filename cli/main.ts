#!/usr/bin/env node
import module from 'node:module';

const NEEDED = 24;

// What an older Node does not know would end in a stack trace; so nothing of it may be named here, and all else is loaded after this.
if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  process.stderr.write(
    `crosstrail: needs Node ${NEEDED} or newer, and this is ${process.versions.node} (${process.execPath}); install one and put it first in PATH\n`,
  );
  process.exitCode = 2;
} else {
  // Compiled code is kept between runs, which halves the start.
  module.enableCompileCache();
  await import('./program.ts');
}
