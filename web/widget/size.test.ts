import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

async function gzipSize(text: string): Promise<number> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).arrayBuffer()).byteLength;
}

test("the script is one file under 15 kB gzip that asks nobody but our server", async () => {
  const built = (await build({
    configFile: "widget/vite.config.ts",
    logLevel: "silent",
    build: { write: false },
  })) as Rolldown.RolldownOutput;
  expect(built.output.map((file) => file.fileName)).toEqual(["widget.js"]);
  const { code } = built.output[0];
  expect(await gzipSize(code)).toBeLessThan(15_000);
  const addresses = [...code.matchAll(/https?:\/\/[^"'`\s]+/g)].map(([address]) => address);
  expect(addresses).toEqual(["http://www.w3.org/2000/svg"]);
  expect(code).not.toMatch(/document\.cookie|localStorage|innerHTML|\beval\(/);
});
