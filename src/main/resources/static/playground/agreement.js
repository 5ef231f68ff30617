// Whether training and inference agree on one channel of a batch, and what makes the difference. Each cause is decided by the numbers
// of the channel, the configuration of the layer and the batches that it has counted.

import { meanAndDeviation } from "./channels.js";
import { number, percent, plural, short } from "./words.js";

/** Values below which a batch says little about the data. */
const FEW = 10;
/** The share of the initial values that can be ignored. */
const SMALL_SHARE = 0.01;
/** The part of the difference that must go when the initial values are taken out, if they are to be its cause. */
const EXPLAINED = 0.1;
const CLOSE = 1e-3;
/** Standard errors within which a difference is chance. */
const ERRORS = 3;

/** @returns `{cause, gap, sentence}` of the chosen channel; the gap is null where there is nothing to compare */
export function agreement(bench) {
  if (bench.progress) {
    return { cause: "running", gap: null, sentence: `Step ${bench.progress.done} of ${bench.progress.steps}. The modes are compared when the run ends.` };
  }
  const facts = factsOf(bench);
  for (const decide of CAUSES) {
    const found = decide(facts);
    if (found) return { ...found, gap: facts.gap };
  }
}

function factsOf(bench) {
  const { layer, channel, trained, inferred } = bench;
  const [input, train, infer] = [trained.input, trained.output, inferred.output].map(array => bench.chosen(array));
  const { mean, deviation } = meanAndDeviation(input);
  const { mean: populationMean, deviation: populationDeviation } = meanAndDeviation(bench.chosen(bench.dataset));
  return {
    config: layer.config,
    counted: layer.num_batches_tracked,
    share: bench.initialShare,
    count: input.length,
    value: input[0],
    isConstant: input.every(value => value === input[0]),
    outputs: [train[0], infer[0]],
    gap: train.reduce((most, value, i) => Math.max(most, Math.abs(value - infer[i])), 0),
    isFinite: train.every(Number.isFinite) && infer.every(Number.isFinite),
    batch: { mean, variance: deviation ** 2 },
    running: layer.running_mean ? { mean: layer.running_mean[channel], variance: layer.running_var[channel] } : null,
    tails: tails(bench.chosen(bench.dataset), populationMean, populationDeviation),
  };
}

/** The fourth central moment in units of the squared variance: 3 of a normal distribution. */
function tails(values, mean, deviation) {
  return deviation > 0 ? values.reduce((sum, value) => sum + ((value - mean) / deviation) ** 4, 0) / values.length : 3;
}

/** In the order in which they are examined; each returns null where it does not apply, the last one never. */
const CAUSES = [infinite, untracked, constant, frozen, initial, arrived, few, chance, moved];

function infinite({ isFinite }) {
  return isFinite ? null : { cause: "not-finite", sentence: "An output is not finite, so the modes cannot be compared." };
}

function untracked({ config }) {
  if (!config.track_running_stats) {
    return { cause: "untracked", sentence: "This layer keeps no running statistics: inference uses the batch's own, as training does. In both modes the output of a sample depends on the other samples." };
  }
  return config.statistics_blend === 1
    ? { cause: "untracked", sentence: "statistics_blend is 1: inference uses the batch's own statistics, as training does." } : null;
}

function constant({ isConstant, count, value, outputs: [train, infer] }) {
  if (!isConstant) return null;
  const all = count === 1 ? `The only value of this channel is ${number(value)}` : `All ${count} values of this channel are ${number(value)}`;
  return {
    cause: "constant",
    sentence: `${all}. Training returns β, ${number(train)}, whatever the value; inference returns ${number(infer)}. A constant channel cannot show whether the running statistics fit.`,
  };
}

function frozen({ config, gap }) {
  const why = config.freeze_statistics ? "freeze_statistics is on" : config.alpha === 0 ? "a batch counts nothing" : null;
  return why && { cause: "frozen", sentence: `${differ(gap)} Training steps do not change the running statistics here: ${why}.` };
}

/** Takes the initial values out of the running statistics; if that closes the gap, they were the cause. */
function initial(facts) {
  const { share, counted, config, running, gap } = facts;
  if (share <= SMALL_SHARE || share === 1) return null;
  const without = {
    mean: running.mean / (1 - share),
    variance: (running.variance - share * config.initial_running_var) / (1 - share),
  };
  if (distance(facts, without) > (1 - EXPLAINED) * distance(facts, running)) return null;
  return {
    cause: "initial",
    sentence: `${differ(gap)} The layer has counted ${plural(counted, "batch", "batches")}, and its running statistics still hold ${percent(Number(share.toPrecision(3)))} of the initial mean 0 and variance ${number(config.initial_running_var)}. More steps bring the modes together.`,
  };
}

/** How far statistics are from the batch's: in deviations, and as the logarithm of the variances' ratio. */
function distance({ batch, config }, { mean, variance }) {
  const own = batch.variance + config.epsilon;
  return Math.abs(batch.mean - mean) / Math.sqrt(own) + Math.abs(Math.log((Math.max(0, variance) + config.epsilon) / own)) / 2;
}

/** Every step has seen this batch alone. */
function arrived({ batch, running, config, count, gap }) {
  const averaged = config.running_variance === "unbiased" ? (batch.variance * count) / (count - 1) : batch.variance;
  const isThere = Math.abs(running.mean - batch.mean) <= CLOSE * Math.sqrt(batch.variance) && Math.abs(running.variance - averaged) <= CLOSE * averaged;
  if (!isThere) return null;
  return {
    cause: "arrived",
    sentence: config.running_variance === "unbiased"
      ? `${differ(gap)} The running mean is the batch's. The running variance averages the unbiased variance, m/(m−1) = ${number(count / (count - 1))} times the one that training uses.`
      : `${differ(gap)} The running statistics are those of this batch.`,
  };
}

function few({ count, gap }) {
  if (count >= FEW) return null;
  const why = count === 2 ? "Training turns any two different values into nearly −1 and +1 before γ and β." : `The mean and variance of ${count} values are largely chance.`;
  return { cause: "few", sentence: `${differ(gap)} ${why} So small a batch cannot show whether the running statistics fit.` };
}

/** An average of batches with weight α has α/(2−α) of the variance of one. */
function chance({ batch, running, count, config, tails: fourth, gap }) {
  const average = 1 + config.alpha / (2 - config.alpha);
  const errorOfMean = Math.sqrt((average * running.variance) / count);
  const errorOfVariance = running.variance * Math.sqrt((average * Math.max(fourth - 1, 0)) / count);
  const isChance = Math.abs(batch.mean - running.mean) <= ERRORS * errorOfMean && Math.abs(batch.variance - running.variance) <= ERRORS * errorOfVariance;
  return isChance
    ? { cause: "chance", sentence: `${differ(gap)} That is the chance of one batch: the mean of ${count} values varies by ${short(1 / Math.sqrt(count))} deviations, and the running statistics have come close to the data's.` } : null;
}

function moved({ batch, running, config, gap }) {
  const away = Math.abs(batch.mean - running.mean) / Math.sqrt(running.variance + config.epsilon);
  const ratio = Math.sqrt((batch.variance + config.epsilon) / (running.variance + config.epsilon));
  return {
    cause: "moved",
    sentence: `${differ(gap)} That is more than the chance of one batch: its mean is ${short(away)} running deviations away, its deviation ${short(ratio)} times the running one. The running statistics have averaged other data, or were set.`,
  };
}

function differ(gap) {
  return `On this batch, the outputs of the two modes differ by up to ${short(gap)}.`;
}
