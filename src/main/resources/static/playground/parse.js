// CSV, JSON and .npy as arrays; what is wrong is said as a sentence, with its place.

import { decodeNpy } from "./npy.js";

/** @returns {{shape: number[], datatype: string, data: Float64Array|Float32Array, names?: string[]}} */
export function parseBytes(bytes) {
  return atLeastRankTwo(bytes[0] === 0x93 ? decodeNpy(bytes) : parseText(new TextDecoder().decode(bytes)));
}

export function parseText(text) {
  const start = text.trimStart()[0];
  if (start === undefined) throw new Error("There are no numbers here yet.");
  return start === "[" || start === "{" ? parseJson(text) : parseCsv(text);
}

function atLeastRankTwo(array) {
  if (array.data.length === 0) throw new Error("The array is empty.");
  return array.shape.length < 2 ? { ...array, shape: [array.data.length, 1] } : array;
}

function parseJson(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This begins like JSON but is not: ${error.message}.`);
  }
  if (Array.isArray(value)) return { ...flatten(value), datatype: "FP64" };
  if (!Array.isArray(value.shape) || !Array.isArray(value.data)) throw new Error('A tensor in JSON is nested arrays, or an object with "shape" and "data".');
  const { data } = flatten(value.data);
  if (data.length !== value.shape.reduce((product, dimension) => product * dimension, 1)) {
    throw new Error(`The shape is ${value.shape.join(" × ")}, but there are ${data.length} numbers.`);
  }
  return value.datatype === "FP32"
    ? { shape: value.shape, datatype: "FP32", data: new Float32Array(data) }
    : { shape: value.shape, datatype: "FP64", data };
}

function flatten(nested) {
  const shape = [];
  for (let level = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  const data = new Float64Array(shape.reduce((product, dimension) => product * dimension, 1));
  let filled = 0;
  const visit = (value, depth, path) => {
    if (depth === shape.length) {
      const number = typeof value === "string" ? named(value) : value;
      if (typeof number !== "number") throw new Error(`At [${path.join("][")}] there is no number but ${JSON.stringify(value)?.slice(0, 40)}.`);
      data[filled++] = number;
      return;
    }
    if (!Array.isArray(value) || value.length !== shape[depth]) {
      throw new Error(`At [${path.join("][")}] there are ${value?.length ?? "no"} values; elsewhere there are ${shape[depth]}.`);
    }
    for (let i = 0; i < value.length; i++) {
      path.push(i);
      visit(value[i], depth + 1, path);
      path.pop();
    }
  };
  visit(nested, 0, []);
  return { shape, data };
}

function named(word) {
  return { NaN, Infinity, "-Infinity": -Infinity }[word];
}

function parseCsv(text) {
  const lines = text.split(/\r?\n/);
  const separator = [";", "\t", ","].find(candidate => lines[0].includes(candidate)) ?? /\s+/;
  const cells = line => line.trim().split(separator);
  const isHeader = cells(lines[0]).some(cell => Number.isNaN(toNumber(cell)) && !/^"?nan"?$/i.test(cell.trim()));
  const names = isHeader ? cells(lines[0]).map(cell => cell.trim().replace(/^"|"$/g, "")) : undefined;
  const rows = [];
  for (let i = isHeader ? 1 : 0; i < lines.length; i++) {
    if (lines[i].trim() !== "") rows.push([i + 1, cells(lines[i])]);
  }
  if (rows.length === 0) throw new Error("There is a header, but no row of numbers below it.");
  const width = rows[0][1].length;
  const data = new Float64Array(rows.length * width);
  rows.forEach(([line, row], i) => {
    if (row.length !== width) throw new Error(`Line ${line} has ${row.length} columns; the first row has ${width}.`);
    for (let column = 0; column < width; column++) {
      const value = toNumber(row[column]);
      if (Number.isNaN(value) && !/^"?nan"?$/i.test(row[column].trim())) {
        throw new Error(`Line ${line}, column ${column + 1}: “${row[column].slice(0, 40)}” is not a number.`);
      }
      data[i * width + column] = value;
    }
  });
  return { shape: [rows.length, width], datatype: "FP64", data, names };
}

function toNumber(cell) {
  const text = cell.trim().replace(/^"|"$/g, "");
  return text === "" ? NaN : Number(text);
}
