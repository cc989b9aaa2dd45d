// The list under the tenant's name closes like a menu: by Escape, and by a press elsewhere.
for (const list of document.querySelectorAll(".switch")) {
  document.addEventListener("click", (event) => {
    if (!list.contains(event.target)) list.open = false;
  });
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !list.open) return;
    list.open = false;
    list.querySelector("summary").focus();
  });
}
