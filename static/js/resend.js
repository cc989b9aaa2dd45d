// Counts down until a new code may be asked for; until then the button is not there.
for (const waiting of document.querySelectorAll(".waiting")) {
  const button = waiting.parentElement.querySelector("button");
  const end = performance.now() + Number(waiting.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    waiting.textContent = waiting.dataset.sentence.replace("{time}", time);
    waiting.hidden = left === 0;
    button.hidden = left > 0;
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}
