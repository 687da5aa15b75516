// SPDX-License-Identifier: Apache-2.0
// words: both languages have the same codes and the same places to fill in, and the bundle stays small.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const web = new URL('../../dashboards/web/', import.meta.url);
const [ja, en] = ['ja', 'en'].map((name) => JSON.parse(readFileSync(new URL(`src/${name}.json`, web), 'utf8')));
const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join();
const wrong = [...new Set([...Object.keys(ja), ...Object.keys(en)])].filter((code) => !ja[code] || !en[code] || places(ja[code]) !== places(en[code]));
console.log(wrong.length === 0 ? 'ok - both languages say the same things' : `not ok - both languages say the same things: ${wrong.join(' ')}`);
const size = readdirSync(new URL('dist/', web)).filter((name) => name.endsWith('.js')).reduce((sum, name) => sum + gzipSync(readFileSync(new URL(`dist/${name}`, web))).length, 0);
console.log(size <= 60 * 1024 ? `ok - the bundle is at most 60 KiB gzip (${size})` : `not ok - the bundle is ${size} bytes gzip; expected at most 61440`);
