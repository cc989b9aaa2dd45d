// On a narrow screen the navigation starts folded; without this it stands open above the page.
if (matchMedia("(max-width: 760px)").matches) {
  for (const menu of document.querySelectorAll(".side-menu")) menu.open = false;
}
