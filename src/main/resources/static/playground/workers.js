// Work beside the page: a worker that is asked questions, each answered once.

export class Asked {
  #worker;
  #waiting = new Map();
  #questions = 0;

  /** @param url of a module that calls `answerQuestions` */
  constructor(url) {
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.addEventListener("message", ({ data: { id, value, error } }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(Object.assign(new Error(error.message), error));
      else resolve(value);
    });
  }

  /**
   * @param transfer buffers that the worker takes over
   * @param signal tells the worker to give up
   */
  async ask(question, transfer = [], signal = null) {
    signal?.throwIfAborted();
    const id = ++this.#questions;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, question }, transfer);
      signal?.addEventListener("abort", () => this.#worker.postMessage({ id, abort: true }), { once: true });
    });
  }
}

/**
 * The worker's side.
 *
 * @param answer from a question and a signal to the promise of `{value, transfer}`
 */
export function answerQuestions(answer) {
  const running = new Map();
  self.addEventListener("message", async ({ data: { id, question, abort } }) => {
    if (abort) {
      running.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const { value, transfer } = await answer(question, controller.signal);
      self.postMessage({ id, value }, transfer);
    } catch (error) {
      self.postMessage({ id, error: { ...error, name: error.name, message: error.message } });
    } finally {
      running.delete(id);
    }
  });
}
