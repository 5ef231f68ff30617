// NumPy's files: .npy both ways, .npz as this service writes it.
// An array here is {shape, datatype, data}: row-major numbers in a Float64Array ("FP64") or Float32Array ("FP32").

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const READERS = {
  f8: [8, "getFloat64"], f4: [4, "getFloat32"], f2: [2, "getUint16"], i1: [1, "getInt8"], u1: [1, "getUint8"], b1: [1, "getUint8"],
  i2: [2, "getInt16"], u2: [2, "getUint16"], i4: [4, "getInt32"], u4: [4, "getUint32"], i8: [8, "getBigInt64"], u8: [8, "getBigUint64"],
};

/** Bytes before the numbers in what `encodeNpy` writes. */
export const HEADER_BYTES = 128;

export function encodeNpy({ shape, datatype, data }) {
  const bytes = new Uint8Array(HEADER_BYTES + data.byteLength);
  const dimensions = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const header = `{'descr': '${datatype === "FP32" ? "<f4" : "<f8"}', 'fortran_order': False, 'shape': ${dimensions}, }`;
  bytes.set(MAGIC);
  bytes.set([1, 0, HEADER_BYTES - 10, 0], 6);
  bytes.set(new TextEncoder().encode(header.padEnd(HEADER_BYTES - 11) + "\n"), 10);
  if (LITTLE) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), HEADER_BYTES);
  } else {
    const view = new DataView(bytes.buffer, HEADER_BYTES);
    const set = datatype === "FP32" ? "setFloat32" : "setFloat64";
    data.forEach((value, i) => view[set](i * data.BYTES_PER_ELEMENT, value, true));
  }
  return bytes;
}

/** @param bytes a Uint8Array that holds one .npy file */
export function decodeNpy(bytes) {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw new Error("This is not a .npy file: it does not begin with its magic bytes.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6] > 1;
  const start = long ? 12 : 10;
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const [, order, kind] = /'descr':\s*'([<>|=]?)(\w+)'/.exec(header) ?? [];
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? "").split(",").filter(text => text.trim()).map(Number);
  const length = shape.reduce((product, dimension) => product * dimension, 1);
  if (kind?.startsWith("U")) return textOf(bytes.subarray(end));
  if (!(kind in READERS)) throw new Error(`Arrays of ${kind ?? "unknown type"} are not numbers that can be normalized.`);
  if (bytes.length - end < length * READERS[kind][0]) throw new Error(`The file ends before its ${length} numbers do.`);
  const numbers = read(view, end, kind, order !== ">", length);
  return { shape, datatype: kind === "f4" || kind === "f2" ? "FP32" : "FP64", data: header.includes("'fortran_order': True") ? rowMajor(numbers, shape) : numbers };
}

function read(view, offset, kind, little, length) {
  const [size, get] = READERS[kind];
  const data = kind === "f4" || kind === "f2" ? new Float32Array(length) : new Float64Array(length);
  if (little && LITTLE && (kind === "f4" || kind === "f8")) {
    new Uint8Array(data.buffer).set(new Uint8Array(view.buffer, view.byteOffset + offset, length * size));
    return data;
  }
  for (let i = 0; i < length; i++) {
    const value = view[get](offset + i * size, little);
    data[i] = kind === "f2" ? half(value) : Number(value);
  }
  return data;
}

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
}

function rowMajor(data, shape) {
  const result = new data.constructor(data.length);
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    let at = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) at = at * shape[axis] + index[axis];
    result[i] = data[at];
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}

function textOf(bytes) {
  const points = new Uint32Array(bytes.slice().buffer);
  return String.fromCodePoint(...points.filter(point => point > 0));
}

/** The arrays of an answer by name, numbers and text as themselves. Entries of this service are stored, sizes up front. */
export function decodeNpz(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const arrays = {};
  for (let at = 0; at + 30 < bytes.length && view.getUint32(at, true) === 0x04034b50;) {
    if (view.getUint16(at + 8, true) !== 0) throw new Error("The answer's archive is compressed, which this page does not read.");
    const size = view.getUint32(at + 18, true);
    const nameEnd = at + 30 + view.getUint16(at + 26, true);
    const start = nameEnd + view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 30, nameEnd)).replace(/\.npy$/, "");
    const array = decodeNpy(bytes.subarray(start, start + size));
    arrays[name] = array.shape?.length === 0 ? array.data[0] : array;
    at = start + size;
  }
  return arrays;
}
