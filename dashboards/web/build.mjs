// SPDX-License-Identifier: Apache-2.0
// build: bundles src/ into dist/ with names that carry their content's hash; esbuild does the work.
import { build } from 'esbuild';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url)); // Debian 12's node 18 has no import.meta.dirname
const dist = join(here, 'dist');
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const result = await build({
  entryPoints: { app: join(here, 'src/main.tsx'), style: join(here, 'src/style.css') },
  entryNames: '[name]-[hash]', outdir: dist, bundle: true, minify: true, format: 'esm', target: 'es2022',
  jsx: 'automatic', jsxImportSource: 'preact', metafile: true, legalComments: 'none', logLevel: 'warning',
});
const made = Object.keys(result.metafile.outputs).map((path) => basename(path));
const name = (start, end) => made.find((each) => each.startsWith(start) && each.endsWith(end));
writeFileSync(join(dist, 'index.html'), readFileSync(join(here, 'src/index.html'), 'utf8')
  .replace('STYLE', name('style-', '.css')).replace('APP', name('app-', '.js')));
