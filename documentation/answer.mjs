// Answers a question sheet of bnparity in JavaScript: node answer.mjs SHEET
// It computes the output and the running statistics of float32 data, and no gradients.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

function read(path) {
  const file = readFileSync(path);
  const begin = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, begin));
  const call = { settings: header.__metadata__ };
  delete header.__metadata__;
  for (const [name, about] of Object.entries(header)) {
    const [start, end] = about.data_offsets;
    const bytes = Uint8Array.from(file.subarray(begin + start, begin + end)); // aligned
    call[name] = { shape: about.shape, data: new Float32Array(bytes.buffer) };
  }
  return call;
}

function write(path, answer) {
  const header = {};
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(answer)) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, (end += data.byteLength)] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const arrays = Object.values(answer).map(({ data }) => Buffer.from(data.buffer));
  writeFileSync(path, Buffer.concat([length, text, ...arrays]));
}

function batchNorm({ x, weight, bias, running_mean, running_var, settings }) {
  const training = settings.training === "true";
  const momentum = Number(settings.momentum), eps = Number(settings.eps);
  const [batch, channels, ...axes] = x.shape;
  const inner = axes.reduce((product, size) => product * size, 1);
  const n = batch * inner;
  const output = { shape: x.shape, data: new Float32Array(x.data.length) };
  for (let c = 0; c < channels; c++) {
    const places = [];
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < inner; i++) places.push((b * channels + c) * inner + i);
    const average = (of) => places.reduce((sum, place) => sum + of(x.data[place]), 0) / n;
    const mean = average((value) => value);
    const variance = average((value) => (value - mean) ** 2);
    const ofBatch = training || !running_mean;
    const used = ofBatch ? [mean, variance] : [running_mean.data[c], running_var.data[c]];
    const scale = (weight ? weight.data[c] : 1) / Math.sqrt(used[1] + eps);
    for (const place of places)
      output.data[place] = (x.data[place] - used[0]) * scale + (bias ? bias.data[c] : 0);
    if (training && running_mean) {
      const move = (old, value) => (1 - momentum) * old + momentum * value;
      running_mean.data[c] = move(running_mean.data[c], mean);
      running_var.data[c] = move(running_var.data[c], (variance * n) / (n - 1));
    }
  }
  return running_mean ? { output, running_mean, running_var } : { output };
}

const [sheet] = process.argv.slice(2);
for (const name of readdirSync(join(sheet, "cases")))
  write(join(sheet, "answers", name), batchNorm(read(join(sheet, "cases", name))));
