// A ring that empties: data-left seconds of data-whole, counted by this device's own steady clock, so that a wrong
// time of day changes nothing. At the end the part around it is asked for what is true now.
export default function countdown(ring) {
  const whole = Number(ring.dataset.whole);
  const ends = performance.now() + Number(ring.dataset.left) * 1000;
  const arc = ring.querySelector(".ring-left");
  const words = ring.querySelector("text");
  let asked = 0;

  const timer = setInterval(() => {
    if (!ring.isConnected) return clearInterval(timer);
    const left = Math.max(0, (ends - performance.now()) / 1000);
    arc.setAttribute("stroke-dashoffset", String(100 - (100 * left) / whole));
    words.textContent = String(Math.ceil(left));
    if (left > 0 || performance.now() - asked < 3000) return;
    asked = performance.now();
    window.htmx?.trigger(ring.closest("[data-live]"), "live");
  }, 250);
}
