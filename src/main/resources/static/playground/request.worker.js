// Sends and receives tensors beside the page: copying megabytes would make it stall.

import { request } from "./request.js";
import { answerQuestions } from "./workers.js";

answerQuestions(async (question, signal) => {
  const value = await request(question, signal);
  const arrays = Object.values(value.body ?? {}).filter(field => field?.data?.buffer);
  return { value, transfer: arrays.map(({ data }) => data.buffer) };
});
