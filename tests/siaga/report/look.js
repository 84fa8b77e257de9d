// Run at the end of a copy of the page, in a test: what of it cannot be read, as JSON in an attribute.
"use strict";
const faults = [];
const box = (e) => e.getBoundingClientRect();
const width = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > width) faults.push("wider than the window");
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode, parent = node.parentElement;
  if (!node.data.trim() || ["SCRIPT", "TITLE", "DESC"].includes(parent.tagName.toUpperCase())) continue;
  if (parent.closest("thead") && getComputedStyle(parent.closest("thead")).position === "absolute") continue;
  const range = document.createRange(); range.selectNodeContents(node);
  for (const r of range.getClientRects())
    if (r.width < 1 || r.height < 5 || r.left < -0.5 || r.right > width + 0.5)
      faults.push("not visible: " + node.data.trim());
}
for (const cell of document.querySelectorAll("th, td, dd, dt"))
  if (cell.scrollWidth > cell.clientWidth + 1 && !cell.closest("thead")) faults.push("cut: " + cell.textContent);
const sizes = [];
for (const svg of document.querySelectorAll("svg")) {
  const bars = [...svg.querySelectorAll("rect")].map(box).filter((r) => r.width > 0);
  for (const text of svg.querySelectorAll("text")) {
    const t = box(text);
    sizes.push(parseFloat(getComputedStyle(text).fontSize) * box(svg).width / svg.viewBox.baseVal.width);
    for (const b of bars) {
      const w = Math.min(t.right, b.right) - Math.max(t.left, b.left);
      const h = Math.min(t.bottom, b.bottom) - Math.max(t.top, b.top);
      if (w > 0.5 && h > 2.5) faults.push("text on a bar: " + text.textContent);
    }
    for (const other of svg.querySelectorAll("text")) {
      if (other === text) break;
      const o = box(other);
      if (Math.min(t.right, o.right) - Math.max(t.left, o.left) > 0.5 &&
          Math.min(t.bottom, o.bottom) - Math.max(t.top, o.top) > 4)
        faults.push("texts on each other: " + text.textContent + " / " + other.textContent);
    }
  }
}
const light = (colour) => {
  const part = colour.match(/[\d.]+/g).slice(0, 3).map((x) => x / 255)
    .map((x) => (x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
  return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
};
const behind = (e) => {
  for (; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor;
    if (!/, 0\)$/.test(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
};
let contrast = 21;
for (const e of document.querySelectorAll("h1, h2, h3, p, th, td, dt, dd, small, li, text")) {
  const style = getComputedStyle(e);
  const [a, b] = [light(e.tagName === "text" ? style.fill : style.color), light(behind(e))];
  contrast = Math.min(contrast, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
}
const found = {faults: [...new Set(faults)].slice(0, 20), least_px: Math.min(...sizes), contrast,
  charts: document.querySelectorAll("svg").length, window: window.innerWidth};
document.body.setAttribute("data-found", JSON.stringify(found));
