// Reads data beside the page, so that a million numbers do not make it stall.

import { parseBytes } from "./parse.js";
import { answerQuestions } from "./workers.js";

answerQuestions(async ({ bytes, compressed, without }) => {
  const array = parseBytes(compressed ? await inflate(bytes) : bytes, without);
  return { value: array, transfer: [array.data.buffer] };
});

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
