// Looks now and then whether the link was confirmed on another device, and then shows the way on.
if (document.querySelector("[data-awaits-release]")) {
  const end = performance.now() + 15 * 60 * 1000;
  const look = async () => {
    if (performance.now() > end) return;
    if (!document.hidden) {
      const answer = await fetch(location.href).catch(() => null);
      const text = answer && answer.ok ? await answer.text() : "data-awaits-release";
      if (!text.includes("data-awaits-release")) return location.replace(location.href);
    }
    setTimeout(look, 4000);
  };
  setTimeout(look, 4000);
}
