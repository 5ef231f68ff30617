// CSV, JSON and .npy as arrays; an error names the place of what is wrong.

import { decodeNpy } from "./npy.js";

/**
 * @param without columns of a CSV to leave out
 * @returns {{shape: number[], datatype: string, data: Float64Array|Float32Array, names?: string[], notes?: string[]}}
 */
export function parseBytes(bytes, without = []) {
  return atLeastRankTwo(bytes[0] === 0x93 ? decodeNpy(bytes) : parseText(new TextDecoder().decode(bytes), without));
}

export function parseText(text, without = []) {
  const start = text.trimStart()[0];
  if (start === undefined) throw new Error("There are no numbers here yet.");
  return start === "[" || start === "{" ? parseJson(text) : parseCsv(text, without);
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

/** @param without columns to leave out, counted from 0 */
function parseCsv(text, without) {
  const lines = text.split(/\r?\n/).map((line, i) => ({ number: i + 1, text: line.trim() })).filter(line => line.text !== "");
  const separator = [";", "\t", ","].find(candidate => lines[0].text.includes(candidate)) ?? /\s+/;
  const rows = lines.map(line => ({ number: line.number, cells: line.text.split(separator).map(cell => cell.trim().replace(/^"|"$/g, "")) }));
  const width = rows[0].cells.length;
  for (const { number, cells } of rows) {
    if (cells.length !== width) throw new Error(`Line ${number} has ${cells.length} columns; the first row has ${width}.`);
  }
  const hasNames = isHeader(rows[0].cells);
  const names = hasNames ? rows.shift().cells : null;
  if (rows.length === 0) throw new Error("There is a header, but no row of numbers below it.");
  requireNumbers(rows, names, without);
  const kept = Array.from({ length: width }, (_, column) => column).filter(column => !without.includes(column));
  return {
    shape: [rows.length, kept.length],
    datatype: "FP64",
    data: Float64Array.from(rows.flatMap(({ cells }) => kept.map(column => Number(cells[column])))),
    names: names ? kept.map(column => names[column]) : undefined,
    notes: [
      ...(hasNames ? ["The first line names the columns."] : []),
      ...without.map(column => `${titled(column, names)} is left out.`),
    ],
  };
}

/** A line of words, of which some may be missing. A line with a number among them is data. */
function isHeader(cells) {
  return cells.some(isWord) && cells.every(cell => cell === "" || isWord(cell));
}

function isWord(cell) {
  return cell !== "" && Number.isNaN(Number(cell)) && !/^nan$/i.test(cell);
}

function titled(column, names) {
  return names?.[column] ? `Column ${column + 1} (“${names[column]}”)` : `Column ${column + 1}`;
}

/** @throws an error with the `columns` that hold words only, if they are what is wrong */
function requireNumbers(rows, names, without) {
  const holdsWords = column => rows.every(({ cells }) => cells[column] === "" || isWord(cells[column])) && rows.some(({ cells }) => cells[column] !== "");
  const wordy = rows[0].cells.map((_, column) => column).filter(column => !without.includes(column) && holdsWords(column));
  if (wordy.length > 0 && wordy.length + without.length < rows[0].cells.length) {
    const example = rows.find(({ cells }) => isWord(cells[wordy[0]])).cells[wordy[0]].slice(0, 40);
    throw Object.assign(new Error(`${wordy.map(column => titled(column, names)).join(" and ")} ${wordy.length === 1 ? "holds" : "hold"} words, such as “${example}”, not numbers.`), { columns: wordy });
  }
  for (const { number, cells } of rows) {
    cells.forEach((cell, column) => {
      if (without.includes(column) || (cell !== "" && !isWord(cell))) return;
      const hint = number === 1 ? " A first line that names the columns holds no number." : "";
      throw new Error(`Line ${number}, column ${column + 1}${cell === "" ? " is empty; write NaN where a number is missing" : `: “${cell.slice(0, 40)}” is not a number`}.${hint}`);
    });
  }
}
