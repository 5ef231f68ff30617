// Reads data beside the page, so that a million numbers do not make it stall.

import { parseBytes } from "./parse.js";

self.addEventListener("message", async ({ data: { id, bytes, compressed } }) => {
  try {
    const array = parseBytes(compressed ? await inflate(bytes) : bytes);
    self.postMessage({ id, array }, [array.data.buffer]);
  } catch (error) {
    self.postMessage({ id, message: error.message });
  }
});

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
