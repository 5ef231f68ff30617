// What is in a checkpoint, read from its header in the browser: safetensors, and npz as NumPy writes it.

const ZIP = 0x04034b50;
const ZIP_DIRECTORY = 0x02014b50;
const ZIP_END = 0x06054b50;
const LONGEST_ZIP_END = 65_557;
const LONGEST_HEADER = 100_000_000;
const NPY_HEADER = 4096;
const DATATYPES = { F64: "FP64", F32: "FP32", F16: "FP16", BF16: "BF16", f8: "FP64", f4: "FP32", f2: "FP16" };
const MEANS = /^(.*?)[._/]?(?:running_mean|moving_mean|_mean|mean)$/;

/** @returns `{format, type, tensors: [{name, shape, datatype}]}`, or null for a file of another format */
export async function readContents(file) {
  const start = new DataView(await file.slice(0, 9).arrayBuffer());
  if (start.byteLength < 9) return null;
  if (start.getUint32(0, true) === ZIP) return npz(file);
  const length = Number(start.getBigUint64(0, true));
  if (start.getUint8(8) !== "{".charCodeAt(0) || length > Math.min(LONGEST_HEADER, file.size)) return null;
  const { __metadata__: _, ...tensors } = JSON.parse(await file.slice(8, 8 + length).text());
  return {
    format: "safetensors", type: "application/vnd.safetensors",
    tensors: Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name, shape, datatype: DATATYPES[dtype] ?? dtype })),
  };
}

async function npz(file) {
  const entries = await directory(file);
  if (entries.length === 0 || !entries.every(({ name }) => name.endsWith(".npy"))) return null;
  return { format: "npz", type: "application/x-npz", tensors: await Promise.all(entries.map(entry => npyHeader(file, entry))) };
}

/** The entries of a zip archive, from its directory at the end. */
async function directory(file) {
  const tail = new DataView(await file.slice(Math.max(0, file.size - LONGEST_ZIP_END)).arrayBuffer());
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== ZIP_END) end--;
  if (end < 0) return [];
  const from = tail.getUint32(end + 16, true);
  const view = new DataView(await file.slice(from, from + tail.getUint32(end + 12, true)).arrayBuffer());
  const entries = [];
  for (let at = 0; at + 46 <= view.byteLength && view.getUint32(at, true) === ZIP_DIRECTORY;) {
    const length = view.getUint16(at + 28, true);
    entries.push({
      name: new TextDecoder().decode(new Uint8Array(view.buffer, at + 46, length)),
      isDeflated: view.getUint16(at + 10, true) !== 0, size: view.getUint32(at + 20, true), offset: view.getUint32(at + 42, true),
    });
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

async function npyHeader(file, { name, isDeflated, size, offset }) {
  const local = new DataView(await file.slice(offset, offset + 30).arrayBuffer());
  const from = offset + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  const stored = file.slice(from, from + Math.min(size, NPY_HEADER));
  const bytes = isDeflated ? await inflated(file.slice(from, from + size)) : new Uint8Array(await stored.arrayBuffer());
  const header = new TextDecoder("latin1").decode(bytes.subarray(0, NPY_HEADER));
  const kind = /'descr':\s*'[<>|=]?(\w+)'/.exec(header)?.[1] ?? "unknown";
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? "").split(",").filter(text => text.trim()).map(Number);
  return { name: name.replace(/\.npy$/, ""), shape, datatype: DATATYPES[kind] ?? kind };
}

/** The first bytes of a deflated entry. */
async function inflated(blob) {
  const reader = blob.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const { value } = await reader.read();
  reader.cancel().catch(() => {});
  return value ?? new Uint8Array();
}

/** The batch normalizations among tensors, by the names of their means and variances: `[{path, features, datatype}]`. */
export function normalizations(tensors) {
  const names = new Set(tensors.map(({ name }) => name));
  return tensors.flatMap(({ name, shape, datatype }) => {
    const path = MEANS.exec(name)?.[1];
    const hasVariance = ["var", "variance"].some(word => names.has(name.replace(/mean$/, word)));
    return path !== undefined && hasVariance && shape.length === 1 ? [{ path, features: shape[0], datatype }] : [];
  });
}
