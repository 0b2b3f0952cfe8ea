// Unpack the browser of @sparticuz/chromium into a folder: `node unpack.mjs <folder>`.
// Its own JavaScript is not used: it wants a newer Node, unpacks into the shared /tmp, and sets a fonts.conf
// whose folders do not exist.
import { createReadStream, createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { extract } from "tar-fs";

const source = join(import.meta.dirname, "node_modules/@sparticuz/chromium/bin");
const target = process.argv[2];
mkdirSync(target, { recursive: true });

const unpack = (file, into) =>
  pipeline(createReadStream(join(source, file), { highWaterMark: 1 << 20 }), createBrotliDecompress({ chunkSize: 1 << 21 }), into);

await Promise.all([
  unpack("chromium.br", createWriteStream(join(target, "chromium"), { mode: 0o755 })),
  // The system libraries a bare machine lacks (libnss3 and others), into <folder>/lib.
  unpack("al2023.tar.br", extract(target)),
  // Software WebGL; Chromium looks for it beside itself.
  unpack("swiftshader.tar.br", extract(target)),
]);
