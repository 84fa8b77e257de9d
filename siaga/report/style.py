"""How the page of a report looks: on a phone, on a wide screen, and on paper.

Colours have a contrast of 4.5 to white at least where they are text, and series differ in lightness
(WCAG 2.2, 1.4.1 and 1.4.3). No font and nothing else is fetched from anywhere.
"""

from typing import Final

CSS: Final = """
:root { --ink: #1c2530; --soft: #55606d; --line: #d5dbe2; --pale: #f3f6f9; --blue: #1d5c96;
  --sky: #7fb2dd; --orange: #e39a2d; --grey: #98a2ad; --red: #a3231c; --green: #1d6b3a; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink); font: 15px/1.45 system-ui, "Segoe UI",
  Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 20px 16px 48px; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 1.1rem; margin: 0 0 10px; }
header { border-bottom: 3px solid var(--blue); padding-bottom: 12px; margin-bottom: 18px; }
header p, footer p { margin: 2px 0; color: var(--soft); }
.warning { border: 1px solid var(--orange); border-left-width: 6px; padding: 8px 12px;
  color: var(--ink); margin: 12px 0 0; }
.tiles { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px;
  margin: 0 0 26px; }
.tiles div { background: var(--pale); border-top: 3px solid var(--blue); padding: 10px 12px; }
.tiles dt { color: var(--soft); font-size: .85rem; }
.tiles dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.tiles dd small { display: block; font-size: .85rem; font-weight: 400; color: var(--soft); }
section { border-top: 1px solid var(--line); padding: 18px 0 22px; }
.side { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px 32px; }
figure { margin: 0; } figure h3 { font-size: .9rem; margin: 18px 0 6px; }
svg { display: block; width: 100%; height: auto; max-width: 460px; overflow: visible; }
svg text { font-size: 11px; fill: var(--ink); font-family: inherit; }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .rail { fill: #edf1f5; } svg .grid { stroke: var(--line); stroke-width: 1; }
svg line { stroke: var(--ink); stroke-width: 2; }
svg .answered { fill: var(--blue); } svg .second { fill: var(--sky); }
svg .gone { fill: var(--orange); } svg .other { fill: var(--grey); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0 0; padding: 0;
  list-style: none; color: var(--soft); font-size: .85rem; }
.legend li::before { content: ""; display: inline-block; width: 11px; height: 11px;
  margin-right: 6px; background: var(--swatch); }
.legend .target::before { width: 2px; height: 13px; vertical-align: -2px; margin-left: 4px; }
table { width: 100%; border-collapse: collapse; font-size: .87rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: 4px 0 4px 10px; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child { padding-left: 0; text-align: left; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 400; overflow-wrap: anywhere; min-width: 6.2em; }
td { white-space: nowrap; }
.met { color: var(--green); } .missed { color: var(--red); font-weight: 600; }
dl.terms dt { font-weight: 600; margin-top: 8px; } dl.terms dd { margin: 0; }
.terms, .note { max-width: 74ch; } .note { color: var(--soft); margin: 8px 0 0; }
@media (min-width: 700px) { .tiles { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
@media (min-width: 900px) {
  .side { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); align-items: start; }
}
@media (max-width: 560px) {
  table.wide thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  table.wide, table.wide tbody { display: block; }
  table.wide tr { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 2px 8px;
    padding: 8px 0; border-bottom: 1px solid var(--line); }
  table.wide th { grid-column: 1 / -1; border: 0; font-weight: 600; padding: 0; }
  table.wide td { border: 0; padding: 0; text-align: left; white-space: normal; }
  table.wide td::before { content: attr(data-label); color: var(--soft); display: block;
    font-size: .78rem; }
}
@media (min-width: 700px) { dl.terms { columns: 2; column-gap: 32px; max-width: none; } }
@media print {
  @page { size: A4; margin: 13mm 13mm 14mm; }
  body { font-size: 9.5pt; } main { max-width: none; padding: 0; } h1 { font-size: 17pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .tiles { grid-template-columns: repeat(4, minmax(0, 1fr)); margin-bottom: 10px; }
  .tiles div { padding: 5px 8px; } .tiles dd { font-size: 13pt; }
  .side { grid-template-columns: minmax(0, 1fr) minmax(0, 1.5fr); gap: 8px 22px; }
  .side.broad { grid-template-columns: minmax(0, 1fr); }
  .broad figure { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 22px;
    align-items: end; }
  figure h3 { margin: 0 0 4px; } .legend, .tiles dt, .tiles dd small { font-size: 8.5pt; }
  table { font-size: 8pt; } th, td { padding: 2px 0 2px 6px; } .side.broad td { padding: 1px 0; }
  thead { display: table-header-group; }
  figure > div, tr, .tiles, dl.terms > * { break-inside: avoid; } h2 { break-after: avoid; }
  section { padding: 9px 0 11px; } section.whole { break-inside: avoid; }
  dl.terms { columns: 2; max-width: none; font-size: 8.5pt; } dl.terms dt { break-after: avoid; }
}
"""
