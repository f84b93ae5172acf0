/** The desk's two sounds, made here so that nothing is fetched: one for urgent, one for the rest. */

interface Tone { hertz: number; at: number; seconds: number }

const URGENT: Tone[] = [0, 0.28, 0.56, 1.1, 1.38, 1.66].map((at) => ({ hertz: 988, at, seconds: 0.2 }));
const ORDINARY: Tone[] = [{ hertz: 660, at: 0, seconds: 0.22 }, { hertz: 880, at: 0.24, seconds: 0.35 }];
const MUTED = "mesa-silencio";

let context: AudioContext | undefined;

function audio(): AudioContext {
  context ??= new AudioContext();
  return context;
}

/** Browsers stay silent until somebody has touched the page: any touch of it will do. */
export function wakeOnGesture(changed: () => void): void {
  const wake = (): void => void audio().resume().then(changed, changed);
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { passive: true });
}

export const isAwake = (): boolean => context?.state === "running";
export const isMuted = (): boolean => localStorage.getItem(MUTED) === "1";
export const mute = (on: boolean): void => localStorage.setItem(MUTED, on ? "1" : "0");

export function ring(isUrgent: boolean): void {
  if (isMuted()) return;
  const on = audio();
  for (const tone of isUrgent ? URGENT : ORDINARY) play(on, tone);
}

function play(on: AudioContext, tone: Tone): void {
  const start = on.currentTime + tone.at;
  const source = on.createOscillator();
  const volume = on.createGain();
  source.frequency.value = tone.hertz;
  source.type = "triangle";
  // Without a ramp at both ends a loudspeaker clicks.
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.5, start + 0.02);
  volume.gain.linearRampToValueAtTime(0, start + tone.seconds);
  source.connect(volume).connect(on.destination);
  source.start(start);
  source.stop(start + tone.seconds);
}
