// The warehouse's field: it keeps the focus for a hand scanner, says by sound whether it went well, and reads codes with the camera where the
// browser can by itself. Without this file the field works as any other.
"use strict";

(() => {
  const form = document.querySelector("[data-scan]");
  if (!form) return;
  const field = form.elements.code;

  const free = () => !document.activeElement || document.activeElement === document.body;
  const back = () => { if (free()) field.focus({ preventScroll: true }); };
  back();
  window.addEventListener("focus", back);
  document.addEventListener("keydown", (event) => {
    if (free() && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) field.focus();
  });

  const tone = (name) => {
    if (navigator.vibrate) navigator.vibrate(name === "bad" ? [80, 60, 80] : 40);
    const audio = new AudioContext();
    if (audio.state !== "running") return; // the browser wants a touch first; the words on the page say the same
    const sound = audio.createOscillator();
    const volume = audio.createGain();
    sound.frequency.value = name === "bad" ? 220 : 880;
    volume.gain.value = 0.1;
    sound.connect(volume).connect(audio.destination);
    sound.start();
    sound.stop(audio.currentTime + (name === "bad" ? 0.35 : 0.12));
  };
  const told = document.querySelector("[data-tone]");
  if (told && "AudioContext" in window) tone(told.dataset.tone);

  const camera = form.querySelector("[data-camera]");
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  camera.hidden = false;
  const [button, video, words] = ["button", "video", "[data-no-camera]"].map((css) => camera.querySelector(css));

  const read = async (detector) => {
    const [code] = await detector.detect(video);
    if (code) {
      field.value = code.rawValue;
      video.srcObject.getTracks().forEach((track) => track.stop());
      form.submit();
    } else {
      await new Promise((again) => setTimeout(again, 200));
      await read(detector);
    }
  };
  button.addEventListener("click", async () => {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.hidden = false;
      await video.play();
      await read(new BarcodeDetector());
    } catch {
      video.hidden = true;
      words.textContent = words.dataset.noCamera;
    }
  });
})();
