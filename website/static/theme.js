// Light and dark, and the two lists beside the text, which a small screen folds away.

const themeButton = document.querySelector(".theme");

function showTheme() {
  const dark = document.documentElement.dataset.theme === "dark";
  document.body.dataset.jpThemeLight = String(!dark); // what the explorers' style looks at
  themeButton.textContent = dark ? "Light" : "Dark";
}
themeButton.addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme === "dark";
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  kept.set("klteach.theme", document.documentElement.dataset.theme);
  showTheme();
});
showTheme();

const menu = document.querySelector(".menu");
menu.addEventListener("click", () => {
  const open = document.querySelector("#units").classList.toggle("open");
  menu.setAttribute("aria-expanded", String(open));
});

const contents = document.querySelector(".contents details");
const beside = matchMedia("(min-width: 78.01rem)"); // as in site.css
if (contents) {
  const arrangeContents = () => {
    contents.open = beside.matches;
  };
  beside.addEventListener("change", arrangeContents);
  arrangeContents();
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && !beside.matches) contents.open = false;
  });
}
