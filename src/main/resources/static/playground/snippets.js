// Actions as programs that do the same: curl in a shell, Python and JavaScript without any library.
//
// A part is an action of api.js, or a loop {path, dataset, rows, batches, first, steps} over the rows of a file. Short tensors
// stand in the program; longer ones are in a file beside it, which `files` names.

import { key } from "./key.js";
import { HEADER_BYTES, encodeNpy } from "./npy.js";

const LONGEST_INLINE = 4096;
const NPY = { "Content-Type": "application/x-npy", Accept: "application/json" };

export const LANGUAGES = { curl, Python: python, JavaScript: javascript };

/** The files that the programs read: `{name, bytes()}`. */
export function files(parts) {
  return parts.flatMap(part => {
    const array = part.dataset ?? (isLong(part) ? part.tensor.array : null);
    return array ? [{ name: fileOf(part), bytes: () => encodeNpy(array) }] : [];
  }).filter((file, i, all) => all.findIndex(other => other.name === file.name) === i);
}

function isLong({ tensor }) {
  return tensor !== undefined && tensor.array.data.length > LONGEST_INLINE;
}

function fileOf(part) {
  return part.dataset ? "data.npy" : `${part.tensor.field}.npy`;
}

/** What an action sends: `{headers, json}` or `{headers, file, query}`. */
function bodyOf(part) {
  if (part.upload) return { headers: { "Content-Type": part.upload.type, Accept: "application/json" }, file: part.upload.file.name, query: "" };
  if (isLong(part)) return { headers: NPY, file: fileOf(part), query: `?${new URLSearchParams(part.fields)}` };
  const json = part.tensor ? { ...typed(part.fields), [part.tensor.field]: inJson(part.tensor.array) } : part.json;
  return json ? { headers: { "Content-Type": "application/json" }, json, query: "" } : { headers: {}, query: "" };
}

function typed(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { true: true, false: false }[value] ?? value]));
}

function inJson({ shape, datatype, data }) {
  const numbers = Array.from(data, value => (Number.isFinite(value) ? value : String(value)));
  if (datatype === "FP32" || shape.length > 2) return { shape, datatype, data: numbers };
  return Array.from({ length: shape[0] }, (_, row) => numbers.slice(row * shape[1], (row + 1) * shape[1]));
}

/** The bytes of one batch in the loop's file, which batch a step takes, and the headers that describe it. */
function pieces({ dataset, rows, batches, first }) {
  const width = dataset.data.byteLength / dataset.shape[0];
  return {
    bytes: rows * width,
    turn: first === 0 ? `step % ${batches}` : `(step + ${first}) % ${batches}`,
    headers: {
      "Content-Type": "application/octet-stream",
      "Tensor-Shape": [rows, ...dataset.shape.slice(1)].join(","),
      "Tensor-Datatype": dataset.datatype,
      Accept: "application/json",
    },
  };
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl(api, parts) {
  const authorization = key() ? ' -H "Authorization: Bearer $BATCHNORM_KEY"' : "";
  const flags = headers => Object.entries(headers).map(([name, value]) => ` -H ${quoted(`${name}: ${value}`)}`).join("");
  const command = part => {
    const start = `curl -sS${authorization}`;
    if (part.dataset) {
      const { bytes, turn, headers } = pieces(part);
      return `for step in $(seq 0 ${part.steps - 1}); do\n`
        + `  head -c $((${HEADER_BYTES + bytes} + (${turn}) * ${bytes})) data.npy | tail -c ${bytes} |\n`
        + `    ${start} ${quoted(api + part.path)}${flags(headers)} --data-binary @- -o /dev/null -w '%{http_code}\\n'\ndone`;
    }
    const { headers, json, file, query } = bodyOf(part);
    const method = part.method === "GET" ? "" : ` -X ${part.method}`;
    const body = json ? ` -d @- <<'END'\n${JSON.stringify(json)}\nEND` : file ? ` --data-binary @${file}` : "";
    return `${start}${method} ${quoted(api + part.path + query)}${flags(headers)}${body}`;
  };
  return parts.map(command).join("\n\n") + "\n";
}

function python(api, parts) {
  const os = key() ? "import os\n" : "";
  const authorization = key() ? `headers = {"Authorization": "Bearer " + os.environ["BATCHNORM_KEY"], **headers}\n    ` : "";
  const prelude = `import json\n${os}import urllib.request\n\n\n`
    + "def call(method, path, body=None, headers={}):\n    "
    + `${authorization}request = urllib.request.Request("${api}" + path, body, headers, method=method)\n`
    + "    with urllib.request.urlopen(request) as answer:\n        return json.loads(answer.read() or b\"null\")\n\n\n";
  const statement = part => {
    if (part.dataset) {
      const { bytes, turn, headers } = pieces(part);
      return `data = open("data.npy", "rb").read()[${HEADER_BYTES}:]\nfor step in range(${part.steps}):\n`
        + `    start = ${turn} * ${bytes}\n`
        + `    answer = call("POST", "${part.path}", data[start:start + ${bytes}], ${literal(headers)})\n`
        + `    print(step + 1, answer["running_mean"], answer["running_var"])`;
    }
    const { headers, json, file, query } = bodyOf(part);
    const body = json ? `json.dumps(${literal(json)}).encode()` : file ? `open("${file}", "rb").read()` : null;
    return `print(call("${part.method}", "${part.path}${query}"${body ? `, ${body}, ${literal(headers)}` : ""}))`;
  };
  return prelude + parts.map(statement).join("\n") + "\n";
}

/** A JSON value as Python writes it. */
function literal(value) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${literal(member)}`).join(", ")}}`;
  return JSON.stringify(value);
}

function javascript(api, parts) {
  const authorization = key() ? "Authorization: `Bearer ${process.env.BATCHNORM_KEY}`, " : "";
  const reads = files(parts).length > 0 ? '  const { readFile } = await import("node:fs/promises");\n' : "";
  const prelude = `async function call(method, path, body, headers) {\n`
    + `  const answer = await fetch("${api}" + path, { method, body, headers: { ${authorization}...headers } });\n`
    + "  const text = await answer.text();\n  if (!answer.ok) throw new Error(text);\n  return text && JSON.parse(text);\n}\n\n";
  const statement = part => {
    if (part.dataset) {
      const { bytes, turn, headers } = pieces(part);
      return `  const data = (await readFile("data.npy")).subarray(${HEADER_BYTES});\n`
        + `  for (let step = 0; step < ${part.steps}; step++) {\n    const start = (${turn}) * ${bytes};\n`
        + `    const answer = await call("POST", "${part.path}", data.subarray(start, start + ${bytes}), ${JSON.stringify(headers)});\n`
        + "    console.log(step + 1, answer.running_mean, answer.running_var);\n  }";
    }
    const { headers, json, file, query } = bodyOf(part);
    const body = json ? `JSON.stringify(${JSON.stringify(json)})` : file ? `await readFile("${file}")` : null;
    return `  console.log(await call("${part.method}", "${part.path}${query}"${body ? `, ${body}, ${JSON.stringify(headers)}` : ""}));`;
  };
  const scoped = part => (part.dataset && parts.filter(other => other.dataset).length > 1 ? `  {\n${statement(part)}\n  }` : statement(part));
  return `${prelude}(async () => {\n${reads}${parts.map(scoped).join("\n")}\n})();\n`;
}
