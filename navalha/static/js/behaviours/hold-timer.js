// How long a time is still kept. Counts from what the server said, not from the phone's clock, which may be wrong.

function words(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export default function holdTimer(element) {
  const left = element.querySelector(".hold-left");
  const until = performance.now() + Number(element.dataset.seconds) * 1000;
  const timer = setInterval(tick, 1000);

  function tick() {
    const seconds = Math.max(0, Math.round((until - performance.now()) / 1000));
    left.textContent = words(seconds);
    if (seconds > 0) return;
    clearInterval(timer);
    element.setAttribute("role", "status");
    left.parentElement.textContent = element.dataset.over;
  }
  tick();
}
