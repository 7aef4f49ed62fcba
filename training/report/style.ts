/** The report's look: one column of prose, wide tables that scroll inside their box, light and dark, screen and paper. */

/** The style sheet. */
export const style = `
:root { color-scheme: light dark; --ink: #16202c; --soft: #5c6675; --line: #dfe3e9; --page: #fff; --tile: #f5f7fa; --accent: #0072b2 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --soft: #9aa5b4; --line: #333c48; --page: #12171d; --tile: #1b222b; --accent: #56b4e9 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif }
main { max-width: 1280px; margin: 0 auto; padding: 2rem 1.25rem 4rem }
.kicker { margin: 0; color: var(--accent); font-weight: 600; letter-spacing: .02em }
h1 { margin: .1rem 0 .4rem; font-size: 2rem; line-height: 1.2 }
h2 { margin: 2.6rem 0 .4rem; font-size: 1.3rem; border-top: 1px solid var(--line); padding-top: 1.3rem }
p { max-width: 46rem }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: .75rem; margin-top: 1.25rem }
.tile { background: var(--tile); border-radius: 10px; padding: .8rem 1rem }
.tile .name, .tile .note { color: var(--soft); font-size: .85rem }
.tile .value { font-size: 1.7rem; font-weight: 650; font-variant-numeric: tabular-nums }
.verdict { background: var(--tile); border-left: 4px solid var(--accent); padding: .8rem 1rem; font-weight: 600 }
.scroll { overflow-x: auto; margin: .9rem 0 }
table { border-collapse: collapse; font-size: .84rem; font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; text-transform: capitalize }
th, td { padding: .35rem .4rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th:first-child, .word, td.text { text-align: left }
td.text { white-space: normal; min-width: 11rem }
thead th { color: var(--soft); font-weight: 600 }
td small { display: block; color: var(--soft); font-size: .75rem }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 1.25rem; margin: 1rem 0 }
figure { margin: 0; min-width: 0 }
figcaption { color: var(--soft); font-size: .85rem }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem 1.2rem; font-size: .92rem }
dt { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
code, pre { font: .88em ui-monospace, "SF Mono", Consolas, monospace; overflow-wrap: anywhere }
pre { background: var(--tile); border-radius: 8px; padding: .8rem 1rem; white-space: pre-wrap }
summary { cursor: pointer; color: var(--accent) }
@media (max-width: 600px) { h1 { font-size: 1.6rem } dl { grid-template-columns: 1fr } dd { margin-bottom: .5rem } }
@page { size: A4 landscape; margin: 12mm }
@media print {
  :root { color-scheme: light; --ink: #16202c; --soft: #5c6675; --line: #dfe3e9; --page: #fff; --tile: #f5f7fa; --accent: #0072b2 }
  main { max-width: none; padding: 0 }
  .scroll { overflow: visible }
  h2, h3, caption { break-after: avoid }
  figure, tr, .tile, dl > div { break-inside: avoid }
  .figures { grid-template-columns: repeat(3, minmax(0, 1fr)) }
  table { font-size: .62rem }
  th, td { padding: .15rem .3rem }
  details::details-content { content-visibility: visible; block-size: auto }
}
`
