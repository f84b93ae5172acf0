/** A worker that only ticks: browsers slow down the clocks of a page in the background, not its. */
self.addEventListener("message", ({ data }: MessageEvent<number>) => {
  setInterval(() => self.postMessage(null), data);
});
