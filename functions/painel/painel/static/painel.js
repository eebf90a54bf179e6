"use strict";
// Without this script every page works; it refreshes, shows that figures are old, and gives gloved hands a keyboard.
document.addEventListener("DOMContentLoaded", () => {
  document.body.addEventListener("htmx:beforeRequest", (event) => { if (document.hidden) event.preventDefault(); });
  const old = () => document.body.classList.add("velho");
  document.body.addEventListener("htmx:responseError", old);
  document.body.addEventListener("htmx:sendError", old);
  document.body.addEventListener("htmx:timeout", old);
  document.body.addEventListener("htmx:afterSwap", () => document.body.classList.remove("velho"));

  // A shared panel has no keyboard: where the finger is the main pointer, a password field brings its own.
  if (!matchMedia("(pointer: coarse)").matches) return;
  document.body.addEventListener("focusin", (event) => {
    const field = event.target;
    if (!field.matches("[data-teclado]") || field.dataset.teclado === "aberto") return;
    field.dataset.teclado = "aberto";
    field.inputMode = "none";
    const board = document.createElement("div");
    board.className = "teclado";
    let upper = false;
    const draw = () => board.replaceChildren(...[..."1234567890qwertyuiopasdfghjklzxcvbnm@.-_!#$"].map((key) => button(
      upper ? key.toUpperCase() : key, () => { field.value += upper ? key.toUpperCase() : key; })),
      button("␣", () => { field.value += " "; }, "espaço"),
      button("⇧", () => { upper = !upper; draw(); }, "maiúsculas"),
      button("⌫", () => { field.value = field.value.slice(0, -1); }, "apagar"));
    draw();
    field.closest("label").after(board);
  });

  function button(text, act, name) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    if (name) made.setAttribute("aria-label", name);
    made.addEventListener("click", act);
    return made;
  }
});
